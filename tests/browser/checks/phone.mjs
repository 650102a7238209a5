// The applicant's part on a phone with script: kept while typing, sent once, two windows, a session that ends halfway.

import * as act from '../lib/acts.mjs';
import { context, listen, READERS } from '../lib/chrome.mjs';
import { overflow } from '../lib/look.mjs';
import { Stop } from '../lib/report.mjs';

const CITIZEN = { login: 'zhaojing', name: '赵静', id: '339900198307251884', mobile: '19900100007' };

async function room(world) {
  const made = await context(world.browser, world.base, READERS.phone);
  const page = await made.newPage();
  return { room: made, page, heard: listen(page) };
}

async function start(world, { page }) {
  const { report, base } = world;
  await act.logIn(world, page, CITIZEN.login, `/apply/${act.ITEM}?subject=shop&mode=online&size=small`);
  for (let step = 0; step < 2 && !page.url().includes('/drafts/'); step += 1) {
    await act.submit(page, page.locator('form[action^="/apply/"] button').first());
  }
  report.need(page.url().includes('/drafts/'), 'a draft is opened on the phone', page.url());
  return base + new URL(page.url()).pathname.match(/^\/drafts\/[^/]+/)[0];
}

/** What is typed is on the server shortly after, and says so. */
async function autosave(world, { page, room: made }, draft) {
  const { report } = world;
  await page.goto(`${draft}/pages/business`);
  const kept = page.waitForResponse((answer) => answer.url().endsWith('/autosave'));
  await page.fill('[name=shop_name]', '自动保存小店');
  const answer = await kept;
  report.check(answer.status() === 204, 'what is typed is kept', `answered ${answer.status()}`);
  await page.waitForFunction(() => /\d\d:\d\d/.test(document.getElementById('saved')?.textContent ?? ''), null, { timeout: 5000 }).catch(() => {});
  const said = await page.locator('#saved').innerText().catch(() => '');
  report.check(/\d\d:\d\d/.test(said), 'and the page says when', `“${said}”`);
  const other = await made.newPage();
  await other.goto(`${draft}/pages/business`);
  report.check((await other.inputValue('[name=shop_name]')) === '自动保存小店', 'another window shows it');
  await other.close();
}

/** Two windows on one page: the second one to save sees both versions, and what it typed. */
async function twoWindows(world, { room: made }, draft) {
  const { report } = world;
  const [one, two] = [await made.newPage(), await made.newPage()];
  await one.goto(`${draft}/pages/business`);
  await two.goto(`${draft}/pages/business`);
  // Typed and sent at once, before anything is kept by itself.
  await one.fill('[name=shop_name]', '第一个窗口');
  await act.submit(one, act.NEXT);
  await two.fill('[name=shop_name]', '第二个窗口');
  const status = await act.submit(two, act.NEXT);
  const shown = await two.locator('main').innerText();
  report.check(status === 409, 'the second window is told of the first', `answered ${status}`);
  report.check(shown.includes('第一个窗口') && shown.includes('第二个窗口'), 'it shows both versions');
  report.check((await two.inputValue('[name=shop_name]')) === '第二个窗口', 'and holds what was typed there');
  const after = await act.submit(two, act.NEXT);
  report.check(after !== 409, 'sent again, it is taken', `answered ${after}`);
  await one.goto(`${draft}/pages/business`);
  report.check((await one.inputValue('[name=shop_name]')) === '第二个窗口', 'and is what is stored');
  await one.close();
  await two.close();
}

/** The session ends while somebody types; after the log-in the same page is sent again. */
async function endedSession(world, { page, room: made }, draft) {
  const { report, base } = world;
  await page.goto(`${draft}/pages/business`);
  await page.route('**/autosave', (route) => route.abort());
  const cookies = await made.cookies();
  await page.fill('[name=shop_name]', '登录后还在的店名');
  await made.clearCookies();
  await made.addCookies(cookies.filter((cookie) => cookie.name !== 'zw' && cookie.name !== '__Host-zw'));
  const status = await act.submit(page, act.NEXT);
  const asked = await page.locator('input[name=password]').count();
  report.check(status === 401 && asked === 1, 'a post without a session asks for the log-in', `answered ${status}`);
  report.check((await page.locator('input[name="held.shop_name"]').getAttribute('value')) === '登录后还在的店名', 'and holds what was typed');
  await act.typeLogin(page, CITIZEN.login);
  const again = page.locator(act.sends('form[action*="/drafts/"]')).first();
  report.check((await again.count()) === 1, 'after the log-in one press sends it again', page.url());
  await act.submit(page, again);
  await page.unroute('**/autosave');
  await page.goto(`${draft}/pages/business`);
  report.check((await page.inputValue('[name=shop_name]')) === '登录后还在的店名', 'nothing is lost', page.url().replace(base, ''));
}

async function materials(world, { page }, draft) {
  const { report } = world;
  await page.goto(`${draft}/materials`);
  const wanted = await act.wantedMaterials(page);
  const big = { name: 'big.png', mimeType: 'image/png', buffer: Buffer.alloc(0) };
  await page.locator(`input[type=file][name="${wanted[0]}"]`).setInputFiles(big);
  report.check((await page.locator('.up .err-msg').count()) === 1, 'an empty file is refused before it travels');
  for (const id of wanted) {
    await page.locator(`input[type=file][name="${id}"]`).setInputFiles(await act.pngFile(`${id}.png`));
    if (id === wanted[0]) report.check((await page.locator('.picked').first().innerText()).includes(`${id}.png`), 'the chosen file is named');
    await act.submit(page, `button[name=upload][value="${id}"]`);
  }
  report.check((await page.locator('.file').count()) === wanted.length, `${wanted.length} files are there`);
}

async function sendTwice(world, { page, room: made }, draft) {
  const { report, base } = world;
  await page.goto(`${draft}/check`);
  await act.tick(page.locator('input[name=agree]'));
  let posts = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/submission')) posts += 1;
  });
  const key = await page.inputValue('input[name=idem]');
  const csrf = await page.inputValue('form[action$="/submission"] input[name=csrf]');
  await Promise.all([page.waitForURL(/\/received$/), page.locator(act.sends('form[action$="/submission"]')).dblclick()]);
  report.check(posts === 1, 'a double click sends once', `${posts} posts`);
  const number = page.url().match(/\/cases\/([^/]+)\//)[1];
  // The same post once more, as a browser does it that was offline: the same case.
  const again = await made.request.post(`${draft}/submission`, {
    form: { csrf, idem: key, agree: '1' },
    headers: { 'sec-fetch-site': 'same-origin' },
    maxRedirects: 0,
  });
  report.check((again.headers().location ?? '').includes(number), 'the same key gives the same case', `${again.status()} ${again.headers().location}`);
  await page.goto(`${base}/my/cases`);
  const cases = await page.locator('a[href^="/cases/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href').split('/')[2].split('?')[0]));
  report.check(new Set(cases).size === 1, 'there is one case', cases.join(', '));
  return number;
}

async function withdraw(world, { page }, number) {
  const { report, base } = world;
  await page.goto(`${base}/cases/${number}/withdrawal`);
  await page.fill('[name=reason]', '地址有变，重新准备');
  await act.submit(page, act.sends('form[action$="/withdrawal"]'));
  report.check(page.url().includes('done=withdrawal'), 'an application can be taken back', page.url());
}

export async function phone(world) {
  const { report } = world;
  report.begin('the applicant on a phone, with script');
  const who = await room(world);
  try {
    const draft = await start(world, who);
    await autosave(world, who, draft);
    await twoWindows(world, who, draft);
    await endedSession(world, who, draft);
    const values = act.answers(CITIZEN);
    for (const name of act.PAGES) {
      await who.page.goto(`${draft}/pages/${name}`);
      await act.completePage(who.page, values[name]);
      report.need(!new URL(who.page.url()).pathname.endsWith(`/pages/${name}`), `page “${name}” is accepted`, await act.problems(who.page));
      const over = await overflow(who.page);
      report.check(over.length === 0, 'nothing scrolls sideways', over.join(', '));
    }
    await materials(world, who, draft);
    const number = await sendTwice(world, who, draft);
    await withdraw(world, who, number);
    const heard = [...new Set(who.heard)].filter((line) => !/ERR_FAILED.*autosave|autosave.*ERR_FAILED|net::ERR_FAILED/.test(line));
    report.check(heard.length === 0, 'no script errors, nothing against the policy', heard.slice(0, 5).join(' ; '));
  } catch (error) {
    if (!(error instanceof Stop)) report.bad('the phone broke off', error.stack.split('\n').slice(0, 4).join(' | '));
  }
  await who.room.close();
}
