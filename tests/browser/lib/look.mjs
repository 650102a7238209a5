// What is demanded of every page: axe without findings, no sideways scrolling at 320 px, one h1, no script errors under the
// strict policy, the skip link first, a visible focus.

import fs from 'node:fs';
import { createRequire } from 'node:module';

import { context, listen, READERS } from './chrome.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Violations found by axe, one text each. The page's own policy stays on, so it comes in through the debugger. */
export async function violations(page) {
  const debug = await page.context().newCDPSession(page);
  const expression = `${axe};axe.run(document,{runOnly:${JSON.stringify(RULES)},resultTypes:["violations"]}).then(r=>JSON.stringify(
    r.violations.map(v=>v.id+" ×"+v.nodes.length+": "+v.nodes.slice(0,2).map(n=>n.target.join(" ")+" | "
    +((n.any[0]||n.all[0]||n.none[0]||{}).message||"").slice(0,140)).join(" ; "))))`;
  const { result, exceptionDetails } = await debug.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  await debug.detach();
  if (exceptionDetails) return [`axe did not run: ${exceptionDetails.text}`];
  return JSON.parse(result.value);
}

/** Elements that stick out sideways; empty when nothing scrolls. */
export async function overflow(page) {
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over <= 0) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest('.scroll,.nav,.tabs'),
    );
    return [`${over} px`, ...wide.slice(-3).map((e) => `${e.tagName.toLowerCase()}.${e.className} “${(e.textContent || '').trim().slice(0, 14)}”`)];
  });
}

/** Walks the page by Tab: the first stop must be the skip link, and each stop must show where it is. */
async function keyboard(page) {
  const wrong = [];
  // A page with problems puts the focus on their list, so that the walk begins there.
  const listed = (await page.locator('.err-sum').count()) > 0;
  if (listed && !(await page.evaluate(() => document.activeElement?.matches('.err-sum')))) wrong.push('the list of problems has no focus');
  const focus = () =>
    page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      // A hidden file input shows its focus on the label, a search field on its box.
      const shown = [e, e.nextElementSibling, e.parentElement, e.closest('.search'), e.closest('label')].filter(Boolean);
      const ring = shown.some((one) => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
      });
      return { skip: e.matches('a.skip'), ring, what: e.outerHTML.slice(0, 80) };
    });
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await focus();
    if (!at) break;
    if (stop === 0 && !listed && !at.skip) wrong.push(`first stop is ${at.what}`);
    if (!at.ring) wrong.push(`no visible focus: ${at.what}`);
    if (wrong.length > 2) break;
  }
  return wrong;
}

/** Looks at `path` as every reader; one line per page in the report. */
export async function lookAt(world, name, path, cookies = []) {
  const { browser, base, report } = world;
  const wrong = [];
  const asReader = async ([who, reader]) => {
    const room = await context(browser, base, reader, { cookies });
    const page = await room.newPage();
    const heard = listen(page);
    try {
      const answer = await page.goto(base + path, { waitUntil: 'load' });
      if (!answer || answer.status() >= 500) wrong.push(`${who}: answered ${answer?.status()}`);
      const here = new URL(page.url()).pathname;
      if (here !== path.split(/[?#]/)[0]) wrong.push(`${who}: ended at ${here}`);
      if (who !== 'narrow') wrong.push(...(await violations(page)).map((line) => `${who}: ${line}`));
      const over = await overflow(page);
      if (over.length) wrong.push(`${who}: scrolls sideways: ${over.join(', ')}`);
      const h1 = await page.locator('h1').count();
      if (h1 !== 1) wrong.push(`${who}: ${h1} h1`);
      const raw = await page.evaluate(() => document.body.innerText.match(/\b(cs|form|guide|lic|rate|err)-[a-z]+(-[a-z]+)+\b/g));
      if (raw) wrong.push(`${who}: texts missing: ${[...new Set(raw)].slice(0, 5).join(', ')}`);
      if (who === 'desktop') wrong.push(...(await keyboard(page)));
    } catch (error) {
      wrong.push(`${who}: ${error.message.split('\n')[0]}`);
    }
    if (heard.length) wrong.push(`${who}: ${[...new Set(heard)].slice(0, 3).join(' ; ')}`);
    await room.close();
  };
  await Promise.all(Object.entries(READERS).map(asReader));
  world.looked.add(name);
  if (wrong.length) wrong.forEach((line) => report.bad(`${name} ${path}`, line));
  else report.ok(`${name}`, `axe 0, no overflow, one h1, policy kept, keyboard (${Object.keys(READERS).join(', ')})`);
}
