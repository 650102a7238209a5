// An administrator builds a process of three steps as a list, with nothing but the keyboard: with script and without.

import * as act from '../lib/acts.mjs';
import { context, listen, READERS } from '../lib/chrome.mjs';
import { lookAt } from '../lib/look.mjs';
import { Stop } from '../lib/report.mjs';

const LIST = '/admin/processes/outlines';
const STEPS = [
  { name: '受理', post: 'acceptor', act: 'accept' },
  { name: '审查', post: 'reviewer', act: 'review' },
  { name: '决定', post: 'decider', act: 'decide' },
];

/** Presses Tab until the focus is on `selector`; the keyboard leads everywhere or the chapter ends. */
async function tabTo(world, page, selector) {
  for (let n = 0; n < 400; n += 1) {
    const there = await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
    if (there) return;
    await page.keyboard.press('Tab');
  }
  world.report.need(false, `the keyboard leads to ${selector}`, page.url());
}

/** Types into a field that is reached by keyboard. */
async function type(world, page, selector, text) {
  await tabTo(world, page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** Chooses in a list that is reached by keyboard. */
async function choose(world, page, selector, value) {
  await tabTo(world, page, selector);
  const now = () => page.evaluate(() => document.activeElement.value);
  await page.keyboard.press('Home');
  for (let n = 0; n < 60 && (await now()) !== value; n += 1) await page.keyboard.press('ArrowDown');
  world.report.need((await now()) === value, `${value} is chosen with the arrow keys`, await now());
}

/** Presses what is reached by keyboard; the status of the page after it. */
async function press(world, page, selector) {
  await tabTo(world, page, selector);
  const last = (one) => one.request().isNavigationRequest() && one.frame() === page.mainFrame() && (one.status() < 300 || one.status() >= 400);
  const [answer] = await Promise.all([page.waitForResponse(last), page.waitForEvent('load'), page.keyboard.press('Enter')]);
  return answer.status();
}

async function build(world, page, id) {
  const { report } = world;
  await page.goto(world.base + LIST);
  await type(world, page, '#f-id', id);
  await type(world, page, '#f-name', `键盘流程 ${id}`);
  const begun = await press(world, page, `form[action="${LIST}"] button.btn-p`);
  report.need(begun === 200 && /outlines\/\d+$/.test(page.url()), 'a process is begun', page.url());
  const home = page.url();
  let behind = 'start_1';
  for (const [n, step] of STEPS.entries()) {
    await press(world, page, `a[href$="id=${behind}#add"]`);
    await type(world, page, '#f-insert-name', step.name);
    await press(world, page, 'button[value=insert]');
    await choose(world, page, '#f-save-post', step.post);
    await choose(world, page, '#f-save-act', step.act);
    await press(world, page, 'button[value=save]');
    behind = `task_${n + 1}`;
    report.need(page.url().endsWith(`#e-${behind}`), `step ${n + 1} is put in and filled in`, page.url());
  }
  const shown = await page.locator('ol.pol > li b').allInnerTexts();
  report.check(shown.join() === ['开始', ...STEPS.map((step) => step.name), '结束'].join(), 'the list shows the steps in their order', shown.join());
  report.check((await act.text(page)).includes('没有发现问题'), 'and nothing is wrong with it');
  return home;
}

async function changeOnesMind(world, page) {
  const { report } = world;
  await press(world, page, 'button[value=undo]');
  report.check((await act.text(page)).includes('没有指定岗位'), 'undone: the last step has no post, and the list says so beside it');
  await press(world, page, 'button[value=redo]');
  report.check((await act.text(page)).includes('没有发现问题'), 'done again');
  await press(world, page, 'a[href$="id=start_1"]');
  const status = await press(world, page, 'button[value=remove]');
  report.check(status === 422 && (await act.problems(page)).includes('开始事件不能移去'), 'a refusal stands at the top', `${status} ${await act.problems(page)}`);
}

async function round(world, script) {
  const { report } = world;
  const made = await context(world.browser, world.base, READERS.desktop, { script });
  const page = await made.newPage();
  const heard = listen(page);
  await act.logIn(world, page, 'xitong', LIST);
  const home = await build(world, page, script ? 'with-script' : 'without-script');
  await changeOnesMind(world, page);
  const path = new URL(home).pathname;
  if (script) {
    const cookies = await act.session(made);
    await lookAt(world, 'outlines', LIST, cookies);
    await lookAt(world, 'outline', path, cookies);
    await lookAt(world, 'outline element', `${path}/element?id=task_2`, cookies);
  }
  await page.goto(home);
  await press(world, page, 'form[action$="/file"] button');
  report.check(/\/admin\/processes\/[0-9a-f]{64}$/.test(page.url()), 'finished: the sheet is next', page.url());
  report.check((await act.text(page)).includes('受理人员'), 'and it knows the posts');
  const raw = (await act.text(page)).match(/\bp[ao]-[a-z]+(-[a-z]+)*\b/g);
  report.check(!raw, 'no text is missing', String(raw));
  report.check(heard.length === 0, 'no script error, no broken rule', heard.join(' ; '));
  await made.close();
}

export async function outline(world) {
  world.report.begin('outline: a process of three steps by keyboard');
  try {
    await round(world, true);
    await round(world, false);
  } catch (error) {
    if (!(error instanceof Stop)) world.report.bad('the outline editor', error.message.split('\n')[0]);
  }
}
