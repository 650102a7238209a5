// The browser: Debian's Chromium with a fresh profile, and contexts of the kinds that people use.

import fs from 'node:fs';

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--font-render-hinting=none',
];

const INSTALL = 'install it with: apt-get install -y --no-install-recommends chromium fonts-noto-cjk fonts-noto-cjk-extra';

export async function launch() {
  let playwright;
  try {
    playwright = await import('playwright-core');
    await import('axe-core');
    await import('pngjs');
    await import('pixelmatch');
  } catch (error) {
    throw new Error(`the browser modules are missing; install them with: npm ci   (in tests/browser; ${error.message})`);
  }
  if (!fs.existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing; ${INSTALL}`);
  if (!fs.existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc')) {
    throw new Error(`the Chinese fonts that the pictures were taken with are missing; ${INSTALL}`);
  }
  return playwright.chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

/** Size and preferences of the readers that every page must serve. */
export const READERS = {
  desktop: { viewport: { width: 1280, height: 900 }, prefs: 'zh-CN' },
  phone: { viewport: { width: 390, height: 844 }, prefs: 'zh-CN', mobile: true },
  narrow: { viewport: { width: 320, height: 640 }, prefs: 'zh-CN' },
  elder: { viewport: { width: 1280, height: 900 }, prefs: 'zh-CN.e' },
  english: { viewport: { width: 1280, height: 900 }, prefs: 'en' },
};

const PHONE = 'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36';

/** A context of its own (cookies, cache) for a reader. */
export async function context(browser, base, reader, { script = true, cookies = [] } = {}) {
  const made = await browser.newContext({
    viewport: reader.viewport,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    javaScriptEnabled: script,
    reducedMotion: 'reduce',
    ...(reader.mobile ? { hasTouch: true, userAgent: PHONE } : {}),
  });
  made.setDefaultTimeout(15_000);
  await made.addCookies([{ name: 'zw-prefs', value: reader.prefs, url: base }, ...cookies]);
  return made;
}

/** Script errors, broken security rules and failed requests of a page; refusals that a check provokes are no errors. */
export function listen(page) {
  const heard = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text())) {
      heard.push(message.text().slice(0, 200));
    }
  });
  page.on('pageerror', (error) => heard.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (!/ERR_ABORTED/.test(why)) heard.push(`${request.url()} ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) heard.push(`${response.url()} answered ${response.status()}`);
  });
  return heard;
}
