// What the first view of a public page costs: at most 30 KB of compressed bodies, the letters of the brand not counted.

import { ITEM } from '../lib/acts.mjs';
import { context, READERS } from '../lib/chrome.mjs';

const MOST = 30 * 1024;
const PUBLIC = ['/', '/search?q=spjyxk', `/items/${ITEM}`, '/person', '/login', '/verify'];

export async function bytes(world) {
  const { browser, base, report } = world;
  report.begin('transfer size of public pages');
  for (const path of PUBLIC) {
    const room = await context(browser, base, READERS.phone);
    const page = await room.newPage();
    const debug = await room.newCDPSession(page);
    await debug.send('Network.enable');
    await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
    const address = new Map();
    const sizes = new Map();
    const heads = new Map();
    debug.on('Network.responseReceived', (event) => {
      address.set(event.requestId, event.response.url);
      // What had arrived when the answer began: its headers.
      heads.set(event.requestId, event.response.encodedDataLength);
    });
    debug.on('Network.loadingFinished', (event) => {
      sizes.set(event.requestId, event.encodedDataLength - (heads.get(event.requestId) ?? 0));
    });
    await page.goto(base + path, { waitUntil: 'load' });
    await page.waitForTimeout(200);
    const parts = [...sizes].map(([id, size]) => [address.get(id) ?? '', size]);
    const counted = parts.filter(([url]) => !/\.woff2/.test(url));
    const total = counted.reduce((sum, [, size]) => sum + size, 0);
    const most = counted.sort((a, b) => b[1] - a[1]).slice(0, 3).map(([url, size]) => `${url.replace(base, '').split('?')[0]} ${size}`);
    report.check(total <= MOST, `${path}: ${(total / 1024).toFixed(1)} KB`, `more than 30 KB: ${most.join(', ')}`);
    await room.close();
  }
}
