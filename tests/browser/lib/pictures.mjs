// Pictures of pages against the checked-in ones. Digits, identifiers and weekdays are made alike first, so that only what
// somebody changed differs; colours are kept in 4 bits, so that a picture stays small.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

import { context, READERS } from './chrome.mjs';

const HERE = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const KEPT = path.join(HERE, 'pictures');
const OUT = path.join(HERE, 'out');
/** Share of pixels that may differ. */
const ALLOWED = 0.005;
const HIGHEST = { desktop: 1500, phone: 1700 };

/** Runs in the page: what differs from run to run is made alike. */
function alike() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    node.nodeValue = node.nodeValue
      .replace(/[0-9A-Za-z_+/=-]{20,}/g, (text) => 'x'.repeat(text.length))
      .replace(/[0-9a-f]{4,}…[0-9a-f]{4,}/g, (text) => text.replace(/[0-9a-f]/g, 'x'))
      .replace(/周[一二三四五六日]/g, '周日')
      .replace(/[0-9]/g, '0');
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file])')) {
    field.value = field.value.replace(/[0-9]/g, '0');
  }
  for (const svg of document.querySelectorAll('[data-changes]')) svg.style.visibility = 'hidden';
}

async function quantised(buffer) {
  const { PNG } = await import('pngjs');
  const png = PNG.sync.read(buffer);
  for (let i = 0; i < png.data.length; i += 4) {
    for (let c = 0; c < 3; c += 1) {
      const v = png.data[i + c];
      png.data[i + c] = v >= 0xf8 ? 0xff : v & 0xf0;
    }
  }
  return png;
}

/** A PNG with a palette: the 256 commonest colours, the others as the nearest of them. */
function packed(png) {
  const pixels = png.width * png.height;
  const counts = new Map();
  const key = (i) => (png.data[i] << 16) | (png.data[i + 1] << 8) | png.data[i + 2];
  for (let i = 0; i < pixels; i += 1) counts.set(key(i * 4), (counts.get(key(i * 4)) ?? 0) + 1);
  const colours = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const palette = colours.slice(0, 256);
  const far = (a, b) => [16, 8, 0].reduce((sum, bit) => sum + (((a >> bit) & 255) - ((b >> bit) & 255)) ** 2, 0);
  const index = new Map(palette.map((colour, n) => [colour, n]));
  for (const colour of colours.slice(256)) {
    let best = 0;
    for (let n = 1; n < palette.length; n += 1) if (far(colour, palette[n]) < far(colour, palette[best])) best = n;
    index.set(colour, best);
  }
  const rows = Buffer.alloc((png.width + 1) * png.height);
  for (let y = 0; y < png.height; y += 1) {
    for (let x = 0; x < png.width; x += 1) rows[y * (png.width + 1) + 1 + x] = index.get(key((y * png.width + x) * 4));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(png.width, 0);
  head.writeUInt32BE(png.height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const plte = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const piece = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    piece('IHDR', head),
    piece('PLTE', plte),
    piece('IDAT', zlib.deflateSync(rows, { level: 9, memLevel: 9 })),
    piece('IEND', Buffer.alloc(0)),
  ]);
}

/** For Node before 20.15, whose zlib has none. */
function crc32(data) {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

async function compare(world, name, taken) {
  const { PNG } = await import('pngjs');
  const pixelmatch = (await import('pixelmatch')).default;
  const kept = path.join(KEPT, `${name}.png`);
  fs.mkdirSync(OUT, { recursive: true });
  fs.writeFileSync(path.join(OUT, `${name}.png`), packed(taken));
  if (world.update) {
    fs.mkdirSync(KEPT, { recursive: true });
    fs.writeFileSync(kept, packed(taken));
    return 'written';
  }
  if (!fs.existsSync(kept)) return { wrong: `no picture ${path.relative(HERE, kept)}; take it with --update` };
  const before = PNG.sync.read(fs.readFileSync(kept));
  if (before.width !== taken.width || before.height !== taken.height) {
    return { wrong: `${taken.width}×${taken.height}, was ${before.width}×${before.height}` };
  }
  const shown = new PNG({ width: taken.width, height: taken.height });
  const n = pixelmatch(before.data, taken.data, shown.data, taken.width, taken.height, { threshold: 0.15 });
  const share = n / (taken.width * taken.height);
  if (share > ALLOWED) {
    fs.writeFileSync(path.join(OUT, `${name}-differs.png`), PNG.sync.write(shown));
    return { wrong: `${(share * 100).toFixed(2)} % of the pixels differ; see out/${name}-differs.png` };
  }
  return `${(share * 100).toFixed(3)} %`;
}

/** Takes `path` as a picture on desktop and phone (workbench pages: desktop only) and compares. */
export async function picture(world, name, path_, cookies = []) {
  const { browser, base, report } = world;
  for (const who of path_.startsWith('/work') ? ['desktop'] : ['desktop', 'phone']) {
    const reader = READERS[who];
    const room = await context(browser, base, reader, { cookies });
    const page = await room.newPage();
    try {
      await page.goto(base + path_, { waitUntil: 'load' });
      await page.evaluate(() => document.fonts.ready);
      await page.evaluate(alike);
      const height = Math.min(HIGHEST[who], await page.evaluate(() => document.documentElement.scrollHeight));
      // A window as high as the page: what sticks to its edge is drawn once, at the end.
      await page.setViewportSize({ width: reader.viewport.width, height });
      const shot = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' });
      const found = await compare(world, `${name}-${who}`, await quantised(shot));
      if (typeof found === 'string') report.ok(`picture ${name}-${who}`, found);
      else report.bad(`picture ${name}-${who}`, found.wrong);
    } catch (error) {
      report.bad(`picture ${name}-${who}`, error.message.split('\n')[0]);
    }
    await room.close();
  }
}

/** All kept pictures together stay small (bytes). */
export function weigh(world, most = 3_000_000) {
  if (!fs.existsSync(KEPT)) return;
  const total = fs.readdirSync(KEPT).reduce((sum, file) => sum + fs.statSync(path.join(KEPT, file)).size, 0);
  world.report.check(total <= most, `kept pictures weigh ${(total / 1e6).toFixed(2)} MB, at most ${most / 1e6} MB`);
}
