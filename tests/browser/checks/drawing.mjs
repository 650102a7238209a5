// The editor of processes: a step is dragged and one is appended, findings are shown and corrected, the file is published; what was
// not handed in survives a reload. And the flow of a case with its history.

import { createRequire } from 'node:module';
import fs from 'node:fs';

import * as act from '../lib/acts.mjs';
import { READERS, context, listen } from '../lib/chrome.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Problems that axe finds on the page, outside the canvas, which is not ours. */
async function axe(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run({ include: [['body']], exclude: [['#draw-canvas']] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 2).map((n) => n.target.join(' ')).join(', ')}`);
}

async function ready(page) {
  await page.waitForSelector('#draw[data-ready]');
}

/** Sets a property of the selected element, as people do. */
async function property(page, name, value) {
  const input = page.locator(`#dp-${name}`);
  if ((await input.evaluate((e) => e.tagName)) === 'SELECT') await input.selectOption(value);
  else {
    await input.fill(value);
    await input.blur();
  }
}

async function append(page, type) {
  await page.locator(`[data-append="${type}"]`).click();
  return page.locator('#draw-list').inputValue();
}

/** Hands the drawing in; the text of the live region. */
async function handIn(page) {
  const answer = page.waitForResponse((r) => r.url().endsWith('/admin/processes/drawings'));
  await page.evaluate(() => (document.getElementById('draw-status').textContent = ''));
  await page.keyboard.press('Control+s');
  const status = (await answer).status();
  await page.waitForFunction(() => /^(已交上|没有交上|不能执行)/.test(document.getElementById('draw-status').textContent));
  return { status, text: await page.locator('#draw-status').innerText() };
}

/** The watermark is seen and nothing lies over it. */
async function watermark(page) {
  return page.evaluate(() => {
    const mark = document.querySelector('#draw-canvas .bjs-powered-by');
    if (!mark) return 'absent';
    const b = mark.getBoundingClientRect(), style = getComputedStyle(mark);
    if (b.width < 20 || b.height < 10 || style.visibility !== 'visible' || Number(style.opacity) < 1) return 'hidden';
    for (const [x, y] of [[0.5, 0.5], [0.1, 0.2], [0.9, 0.8]]) {
      const top = document.elementFromPoint(b.left + b.width * x, b.top + b.height * y);
      if (!top || !mark.contains(top)) return `covered by ${top && top.className}`;
    }
    return '';
  });
}

export async function drawing(world) {
  const { report, browser, base } = world;
  report.begin('drawing a process');
  const room = await context(browser, base, { viewport: { width: 1440, height: 1000 }, prefs: 'zh-CN' });
  const page = await room.newPage();
  const heard = listen(page);
  const foreign = [];
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(base)) foreign.push(request.url());
  });
  await act.logIn(world, page, 'xitong');
  await page.goto(`${base}/admin/processes/drawing`);
  await ready(page);
  await page.locator('#draw-canvas').scrollIntoViewIfNeeded();
  const mark = await watermark(page);
  report.check(mark === '', 'the watermark of bpmn.io is in sight and free', mark);
  const violations = await axe(page);
  report.check(violations.length === 0, 'axe finds nothing outside the canvas', violations.join(' ; '));

  const name = `check-${Date.now().toString(36)}`;
  await property(page, 'id', name);
  await property(page, 'name', '浏览器检查流程');
  await page.locator('#draw-list').selectOption('submit');
  const task = await append(page, 'UserTask');
  report.check(task && task !== 'submit', 'a task is appended and selected', task);
  await property(page, 'name', '核对');
  await append(page, 'EndEvent');

  // A step dragged from the palette with the mouse stands where it was dropped.
  const before = await page.locator('#draw-list option').count();
  const tool = await page.locator('.djs-palette [data-action="create.task"]').boundingBox();
  const box = await page.locator('#draw-canvas').boundingBox();
  // Taken with a click, carried over the canvas, put down with a click: the canvas draws it under the pointer all the way.
  await page.mouse.click(tool.x + tool.width / 2, tool.y + tool.height / 2);
  await page.mouse.move(box.x + 300, box.y + 340, { steps: 8 });
  await page.mouse.move(box.x + 420, box.y + 380, { steps: 8 });
  await page.mouse.click(box.x + 420, box.y + 380);
  await page.waitForTimeout(200);
  report.check((await page.locator('#draw-list option').count()) === before + 1, 'a task is dragged from the palette');
  await page.keyboard.press('Escape');

  // Unfinished work survives: the page is left without handing in.
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('tb-drawing:')));
  await page.waitForTimeout(900);
  await page.reload();
  await ready(page);
  report.check(await page.locator('#draw-kept').isVisible(), 'what was not handed in is offered again after a reload');
  await page.locator('#draw-resume').click();
  await page.waitForFunction(() => document.querySelectorAll('#draw-list option').length > 4);
  report.check((await page.locator(`#draw-list option[value="${task}"]`).count()) === 1, 'and is there again');

  const first = await handIn(page);
  report.check((await page.locator('#draw-found li').count()) > 0, 'the findings are listed', JSON.stringify(first));
  report.check(/必须改正|不能执行/.test(first.text), 'the live region says that it cannot be published', first.text);
  report.check((await page.locator('#draw-canvas .tb-note-bad').count()) > 0, 'and they are marked on the canvas');

  // Corrected: the stray step goes, the task gets its post.
  for (const one of await page.locator('#draw-list option').evaluateAll((all) => all.map((o) => [o.value, o.textContent]))) {
    if (/^Activity_.*（任务）/.test(one[1])) {
      await page.locator('#draw-list').selectOption(one[0]);
      await page.locator('[data-draw=remove]').click();
    }
  }
  await page.locator('#draw-list').selectOption(task);
  await property(page, 'post', 'reviewer');
  await property(page, 'act', 'review');
  await property(page, 'limit', 'P3D');
  const second = await handIn(page);
  report.check(second.status === 200 && /可以发布/.test(second.text), 'corrected, it can be published', `${second.status} ${second.text}`);
  report.check((await page.locator('#draw-canvas .tb-note-bad').count()) === 0, 'the marks are gone');
  const late = await axe(page);
  report.check(late.length === 0, 'axe finds nothing with findings shown', late.join(' ; '));

  await Promise.all([page.waitForEvent('load'), page.locator('#draw-result a').click()]);
  report.check((await act.text(page)).includes('核对'), 'the sheet shows the task');
  report.check((await page.locator('.bpmn [data-id]').count()) >= 5, 'and the picture');
  await page.locator('textarea[name=reason]').fill('浏览器检查');
  const form = 'form[action$="/publication"]';
  const status = await act.submit(page, act.sends(form));
  report.check(status < 400 && page.url().endsWith('done=1'), 'it is published', `${status} ${page.url()}`);
  const kept = await room.request.get(`${page.url().split('?')[0]}/bpmn`);
  report.check(/tb:post="reviewer"/.test(await kept.text()) && /tb:limit="P3D"/.test(await kept.text()), 'our attributes are in the file');
  await page.goto(`${page.url().split('?')[0]}/drawing`);
  await ready(page);
  report.check(!(await page.locator('#draw-kept').isVisible()), 'nothing unfinished is offered for what was handed in');
  await page.locator('#draw-list').selectOption(task);
  report.check((await page.locator('#dp-post').inputValue()) === 'reviewer', 'the post is read back from the file');
  report.check(foreign.length === 0, 'nothing is asked for from elsewhere', foreign.slice(0, 3).join(' '));
  report.check(heard.length === 0, 'no script error and no violation of the policy', heard.slice(0, 5).join(' ; '));
  await room.close();

  await survives(world, report);
  const english = await context(browser, base, READERS.english);
  const other = await english.newPage();
  await act.logIn(world, other, 'xitong');
  await other.goto(`${base}/admin/processes/drawing`);
  await ready(other);
  const told = await other.locator('.draw-panel').innerText();
  report.check(!/[\u4e00-\u9fff]/.test(told.replace('新流程', '')), 'in English the panel is English', told.slice(0, 200));
  await english.close();
}

/** What our reference process says in our own attributes is still there after it was opened and written. */
async function survives(world, report) {
  const room = await context(world.browser, world.base, READERS.desktop);
  const page = await room.newPage();
  await act.logIn(world, page, 'xitong');
  await page.goto(`${world.base}/admin/processes`);
  const sheet = await page.locator('tr', { hasText: 'licence-approval' }).locator('a[href^="/admin/processes/"]').first().getAttribute('href');
  const file = await (await room.request.get(`${world.base}${sheet}/bpmn`)).text();
  await page.goto(`${world.base}${sheet}/drawing`);
  await ready(page);
  const written = await page.evaluate(() => document.getElementById('draw').modeler.saveXML({ format: true }).then((r) => r.xml));
  const said = (xml) => (xml.match(/<bpmn:(?!incoming|outgoing)[A-Za-z]+|tb:[a-z-]+="[^"]*"/g) ?? []).sort().join('\n');
  report.check(said(written) === said(file) && said(file).includes('tb:post='), 'a file that is opened and written keeps every element and all our attributes');
  await room.close();
}

/** The flow of a decided case: its picture and the table beside it. */
export async function history(report, page) {
  const seen = await page.evaluate(() => {
    const svg = document.querySelector('.pic .bpmn');
    const count = (selector) => svg.querySelectorAll(selector).length;
    return {
      done: count('.node.is-done'), flows: count('.flow.is-done'), idle: count('.flow:not(.is-done)'), signs: count('.is-done > .badge'),
      told: [...svg.querySelectorAll('.node.is-done title')].map((t) => t.textContent).join('\n'),
      rows: document.querySelectorAll('details table caption').length,
    };
  });
  report.check(seen.done >= 10 && seen.signs === seen.done, 'the picture of the case marks what was done, with a sign', JSON.stringify(seen).slice(0, 300));
  report.check(seen.flows >= 10 && seen.idle >= 1, 'the flows that were taken are marked, others are not', `${seen.flows} taken, ${seen.idle} not`);
  report.check(/办完：.*审查人员/.test(seen.told) && /\d{4}-\d\d-\d\d/.test(seen.told), 'who and when is told at the elements', seen.told.slice(0, 200));
  report.check(seen.rows > 0, 'the same stands in a table');
}
