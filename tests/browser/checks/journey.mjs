// The whole journey in a browser without script: find, understand, apply, be asked for more, be reviewed by three organs,
// get the licence, verify it, rate, and prove the record offline.

import fs from 'node:fs';
import path from 'node:path';

import * as act from '../lib/acts.mjs';
import { context, listen, READERS } from '../lib/chrome.mjs';
import { lookAt } from '../lib/look.mjs';
import { picture } from '../lib/pictures.mjs';
import { Stop } from '../lib/report.mjs';

export const CITIZEN = { login: 'chenxiaoyun', name: '陈小云', id: '339900199106082468', mobile: '19900100001' };

/** Wrong input that must come back as 422 with all that was typed. */
const WRONG = {
  applicant: [
    ['a wrong check digit', { rep_id_no: '339900199106082469' }, 'rep_id_no'],
    ['an emoji in the name', { rep_name: '陈小云😀' }, 'rep_name'],
    ['a mobile that is too short', { mobile: '1990010' }, 'mobile'],
  ],
  business: [
    ['an impossible date', { open_date: '2027-02-30' }, 'open_date'],
    ['a day in the past', { open_date: '2020-01-01' }, 'open_date'],
    ['words for a number', { staff: '三个半' }, 'staff'],
  ],
  confirm: [],
};

export class Journey {
  constructor(world) {
    this.world = world;
    this.report = world.report;
    this.base = world.base;
  }

  async room(login) {
    const room = await context(this.world.browser, this.base, READERS.desktop, { script: false });
    const page = await room.newPage();
    this.heard.push(listen(page));
    if (login) await act.logIn(this.world, page, login);
    return { room, page };
  }

  /** Looks at the page that is open with everybody's eyes and, with a name for it, takes its picture. */
  async stop(name, who, { where, pictured = false } = {}) {
    const url = new URL(where ?? who.page.url(), this.base);
    const place = url.pathname + url.search;
    const cookies = await act.session(who.room);
    if (this.world.does('access')) await lookAt(this.world, name, place, cookies);
    if (pictured && this.world.does('pictures')) await picture(this.world, name, place, cookies);
  }

  async run() {
    this.heard = [];
    const citizen = await this.room();
    this.citizen = citizen;
    await this.find(citizen);
    await this.enter(citizen);
    await this.formPages(citizen);
    await this.materials(citizen);
    await this.submit(citizen);
    await this.askForMore();
    await this.supplement(citizen);
    await this.approve();
    await this.administer();
    await this.licence(citizen);
    await this.rate(citizen);
    await this.prove(citizen);
    const heard = [...new Set(this.heard.flat())];
    this.report.check(heard.length === 0, 'no errors in the browser on the way', () => heard.slice(0, 5).join(' ; '));
  }

  async find({ room, page }) {
    const { report, base } = this;
    const who = { room, page };
    await page.goto(base);
    report.check((await page.locator('body').innerText()).includes('演示'), 'the home page says that it is a demo');
    await this.stop('home', who, { pictured: true });
    await page.goto(`${base}/login`);
    await this.stop('login', who, { pictured: true });
    for (const query of ['spjyxk', '食品经营许可', '开饭店']) {
      await page.goto(base);
      const box = page.locator('form[action="/search"] input[name=q]').first();
      await box.fill(query);
      await Promise.all([page.waitForURL(/\/search\?/), box.press('Enter')]);
      const first = page.locator('main ol.items a').first();
      report.check((await first.innerText()).includes('食品经营许可'), `“${query}” finds 食品经营许可 first`);
    }
    await page.goto(`${base}/search?q=spjyxk`);
    await this.stop('search', who, { pictured: true });
    await page.goto(`${base}/search?q=${encodeURIComponent('绝不存在的事项名称')}`);
    await this.stop('search-nothing', who);
    for (const other of ['/person', '/enterprise', '/organs', '/items', '/sitemap', '/verify', '/api/docs', '/nothing-here']) {
      await this.stop(other.slice(1), who, { where: other });
    }
    await page.goto(`${base}/search?q=spjyxk`);
    await page.locator('main ol.items a').first().click();
    await page.waitForURL(/\/items\//);
    report.check(page.url().includes(act.ITEM), 'the result leads to the guide');
    const guide = await act.text(page);
    for (const part of ['受理条件', '申请材料', '食品安全法', '常见问题']) {
      report.check(guide.includes(part), `the guide has ${part}`);
    }
    for (const [code, value] of [['subject', 'shop'], ['mode', 'online'], ['size', 'small']]) {
      await act.tick(page.locator(`input[name="q.${code}"][value="${value}"]`));
    }
    await act.submit(page, act.sends('form.qs'));
    report.check((await page.locator('#situation .note-ok').count()) === 1, 'the situation is settled and the materials are my own');
    await this.stop('guide', who, { pictured: true });
  }

  async enter({ room, page }) {
    const { report } = this;
    const entry = page.locator('aside a[href^="/login"], aside form[action^="/apply/"] button').first();
    await act.submit(page, entry);
    if (new URL(page.url()).pathname === '/login') await act.typeLogin(page, CITIZEN.login);
    report.check(new URL(page.url()).pathname.match(/^\/(items|apply)\//), 'the log-in leads back to the item', page.url());
    for (let step = 0; step < 3 && !page.url().includes('/drafts/'); step += 1) {
      await act.submit(page, page.locator('form[action^="/apply/"] button[type=submit], form[action^="/apply/"] button').first());
    }
    report.need(page.url().includes('/drafts/'), 'a draft is opened', page.url());
    this.draft = new URL(page.url()).pathname.match(/^\/drafts\/[^/]+/)[0];
    await this.stop('draft', { room, page }, { where: this.draft, pictured: true });
  }

  async formPages({ room, page }) {
    const { report, base } = this;
    const values = act.answers(CITIZEN);
    for (const name of act.PAGES) {
      await page.goto(`${base}${this.draft}/pages/${name}`);
      const status = await act.submit(page, act.NEXT);
      // Prefilled answers may already be enough on the first page.
      if (name !== 'applicant') report.check(status === 422, `an empty page “${name}” comes back as 422`, `answered ${status}`);
      await page.goto(`${base}${this.draft}/pages/${name}`);
      for (const [what, spoilt, field] of WRONG[name]) await this.wrong(page, name, what, { ...values[name], ...spoilt }, field);
      await page.goto(`${base}${this.draft}/pages/${name}`);
      await act.completePage(page, values[name]);
      const left = !new URL(page.url()).pathname.endsWith(`/pages/${name}`);
      report.need(left, `page “${name}” is accepted`, await act.problems(page));
    }
    await this.normalised(page, values);
    await this.stop('form-page', { room, page }, { where: `${this.draft}/pages/business`, pictured: true });
  }

  /** One wrong answer: 422, the field says so, and every answer is still there. */
  async wrong(page, name, what, values, field) {
    const { report } = this;
    const later = await act.fillAll(page, values);
    const status = await act.submit(page, act.NEXT);
    const message = await page.locator(`.field.err:has([name="${field}"]) .err-msg`).count();
    report.check(status === 422 && message > 0, `${what} on “${name}” is refused at the field`, `status ${status}, messages ${message}`);
    const lost = [];
    for (const [key, value] of Object.entries(values).filter(([key]) => !later.includes(key))) {
      const input = page.locator(`[name="${key}"]:not([type=hidden]):not([type=radio]):not([type=checkbox])`).first();
      if ((await input.count()) && (await input.inputValue()) !== String(value)) lost.push(`${key}=${await input.inputValue()}`);
    }
    report.check(lost.length === 0, `nothing typed is lost after ${what}`, lost.join(', '));
    if (name === 'business' && field === 'open_date' && !this.pictured) {
      this.pictured = true;
      await this.stop('form-errors', this.citizen, { pictured: true });
    }
  }

  /** Full-width digits and spaces are understood, not refused. */
  async normalised(page, values) {
    const { report, base } = this;
    await page.goto(`${base}${this.draft}/pages/applicant`);
    const wide = CITIZEN.mobile.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
    await act.fillAll(page, { ...values.applicant, mobile: ` ${wide} ` });
    const status = await act.submit(page, act.NEXT);
    report.check(status !== 422, 'full-width digits are understood', `answered ${status}`);
    await page.goto(`${base}${this.draft}/check`);
    const shown = await act.text(page);
    report.check(shown.includes(CITIZEN.mobile) && !shown.includes(wide), 'and read back as plain digits');
  }

  async materials({ room, page }) {
    const { report, base } = this;
    await page.goto(`${base}${this.draft}/materials`);
    const wanted = await act.wantedMaterials(page);
    report.check(wanted.length >= 3, `the page asks for ${wanted.length} materials`);
    const upload = async (id, file) => {
      await page.locator(`input[type=file][name="${id}"]`).setInputFiles(file);
      return act.submit(page, `button[name=upload][value="${id}"]`);
    };
    const text = { name: '说明.png', mimeType: 'image/png', buffer: Buffer.from('this is no picture') };
    report.check((await upload(wanted[0], text)) === 422, 'a file that is not what its name says is refused');
    report.check((await page.locator('.err-msg').count()) > 0, 'and the refusal stands at the material');
    for (const id of wanted) {
      const status = await upload(id, await act.pngFile(`${id}.png`));
      report.check(status < 400, `material ${id} is taken`, `answered ${status}`);
    }
    report.check((await page.locator('.file').count()) === wanted.length, 'every file is listed', `${await page.locator('.file').count()}`);
    await this.stop('materials', { room, page }, { where: `${this.draft}/materials`, pictured: true });
  }

  async submit({ room, page }) {
    const { report, base } = this;
    await page.goto(`${base}${this.draft}/check`);
    await this.stop('check', { room, page }, { pictured: true });
    const send = act.sends('form[action$="/submission"]');
    report.check((await act.submit(page, send)) === 422, 'without the declaration it is not sent');
    await act.tick(page.locator('input[name=agree]'));
    await act.submit(page, send);
    report.need(/\/cases\/[^/]+\/received$/.test(page.url()), 'sent', `${page.url()} ${(await act.text(page)).slice(0, 300)}`);
    this.number = page.url().match(/\/cases\/([^/]+)\//)[1];
    report.check((await act.text(page)).includes(this.number), `the confirmation shows the number ${this.number}`);
    await this.stop('received', { room, page }, { pictured: true });
    const pdf = await room.request.get(`${base}/cases/${this.number}/receipt.pdf`);
    const bytes = await pdf.body();
    report.check(pdf.status() === 200 && bytes.subarray(0, 5).toString() === '%PDF-', 'the receipt is a PDF', `${pdf.status()}, ${bytes.length} B`);
    const again = await room.request.get(`${base}${this.draft}/check`, { maxRedirects: 0 });
    report.check(again.status() === 303, 'the sent draft leads to its case', `${again.status()}`);
  }

  /** Opens the task of the case with this act for an officer; the officer's room. */
  async task(login, what) {
    const who = await this.room(login);
    await who.page.goto(`${this.base}/work`);
    const link = who.page.locator(`a[href^="/work/tasks/"]`, { has: who.page.locator('xpath=self::*') });
    const rows = who.page.locator('tr, li, article').filter({ hasText: this.number }).locator('a[href^="/work/tasks/"]');
    this.report.need((await rows.count()) > 0, `${login} finds the case in the inbox (${what})`, `${await link.count()} tasks in sight`);
    await who.page.goto(this.base + (await rows.first().getAttribute('href')));
    return who;
  }

  async askForMore() {
    const { report } = this;
    const clerk = await this.task('zhouchuang', 'pre-review');
    await this.stop('inbox', clerk, { where: '/work', pictured: true });
    await this.stop('task-pre-review', clerk, { pictured: true });
    const { page } = clerk;
    const form = 'form[action$="/supplement-request"]';
    await open(page, form);
    report.check((await act.submit(page, act.sends(form))) === 422, 'an empty supplement request is refused');
    await open(page, form);
    const target = page.locator(`${form} [name=target]`).first();
    const options = await target.locator('option').evaluateAll((all) => all.map((one) => one.value));
    if (options.includes('layout')) await target.selectOption('layout');
    await page.locator(`${form} [name=name]`).first().fill('经营布局图');
    await page.locator(`${form} [name=requirement]`).first().fill('请标明各功能区域的面积');
    const status = await act.submit(page, act.sends(form));
    report.check(status < 400, 'the clerk asks for a supplement, once and complete', `answered ${status}`);
    await clerk.room.close();
  }

  async supplement({ room, page }) {
    const { report, base } = this;
    await page.goto(`${base}/cases/${this.number}`);
    report.check((await act.text(page)).includes('补正'), 'the applicant sees what is asked for');
    await this.stop('case-supplement', { room, page }, { pictured: true });
    await page.goto(`${base}/cases/${this.number}/supplement`);
    await this.stop('supplement', { room, page });
    report.check((await act.text(page)).includes('请标明各功能区域的面积'), 'with the clerk’s own words');
    const input = page.locator('input[type=file][name=layout]');
    if (await input.count()) {
      await input.setInputFiles(await act.pngFile('layout-2.png'));
      const status = await act.submit(page, 'button[name=upload][value=layout]');
      report.check(status < 400, 'a new drawing is taken', `answered ${status}`);
    }
    await page.locator('[name=note]').fill('已重画，见新图');
    const status = await act.submit(page, 'button[name=act][value=send]');
    report.check(status < 400 && page.url().includes('done=supplement'), 'the supplement is sent', `${status} ${page.url()}`);
  }

  async decideOn(login, what, form, fields, { pictured = false, twice = false } = {}) {
    const { report } = this;
    const who = await this.task(login, what);
    await this.stop(`task-${what}`, who, { pictured });
    const selector = `form[action$="/${form}"]`;
    await open(who.page, selector);
    for (const [name, value] of Object.entries(fields)) {
      const input = who.page.locator(`${selector} [name="${name}"]:not([type=hidden])`);
      if (['radio', 'checkbox'].includes(await input.first().getAttribute('type'))) {
        await act.tick(who.page.locator(`${selector} [name="${name}"][value="${value}"]`));
      } else await input.first().fill(value);
    }
    const task = who.page.url();
    const status = await act.submit(who.page, act.sends(selector));
    report.check(status < 400, `${login}: ${what}`, `answered ${status}: ${(await who.page.locator('.err-sum, main').first().innerText()).slice(0, 160)}`);
    if (twice) {
      const again = await who.page.goto(task);
      report.check(again.status() < 500 && (await who.page.locator(selector).count()) === 0, 'a decided task offers no second decision');
    }
    await who.room.close();
  }

  async approve() {
    await this.decideOn('zhouchuang', 'pre-review', 'pre-review', { opinion: '材料齐全' });
    await this.decideOn('dhscjg-acceptor', 'accept', 'acceptance', {}, { pictured: true });
    for (const login of ['dhscjg-reviewer', 'xfjy-reviewer', 'sthj-reviewer']) {
      await this.decideOn(login, 'review', 'review', { verdict: 'yes', opinion: '符合条件' });
    }
    await this.decideOn('dhscjg-decider', 'decide', 'decision', { verdict: 'yes', reason: '符合法定条件' }, { twice: true });
    const officer = await this.room('dhscjg-decider');
    await this.stop('work-case', officer, { where: `/work/cases/${this.number}` });
    await this.stop('inbox-empty', officer, { where: '/work' });
    await officer.room.close();
    const manager = await this.room('shixiang');
    await this.stop('work-catalogue', manager, { where: '/work/catalogue' });
    await manager.room.close();
    const supervisor = await this.room('jiancha');
    await this.stop('work-ratings', supervisor, { where: '/work/ratings' });
    await this.stop('work-licences', supervisor, { where: '/work/licences' });
    await this.stop('work-rectifications', supervisor, { where: '/work/rectifications' });
    await supervisor.room.close();
  }

  async administer() {
    const system = await this.room('xitong');
    await this.stop('calendar', system, { where: '/admin/calendar' });
    await this.stop('calendar-day', system, { where: '/admin/calendar/days/2026-12-08' });
    await this.stop('calendar-import', system, { where: '/admin/calendar/imports' });
    await this.stop('health', system, { where: '/admin/health' });
    await system.room.close();
  }

  async licence({ room, page }) {
    const { report, base } = this;
    let identifier = '';
    for (let wait = 0; wait < 60 && !identifier; wait += 1) {
      await page.goto(`${base}/my/licences`);
      identifier = (await page.locator('body').innerText()).match(/1\.2\.156\.3005\.2\.[0-9A-Z.]+/)?.[0] ?? '';
      if (!identifier) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    report.need(identifier, 'the licence appears in my space within 30 s');
    await this.stop('my-licences', { room, page }, { pictured: true });
    await this.stop('case', { room, page }, { where: `/cases/${this.number}`, pictured: true });
    await this.stop('my', { room, page }, { where: '/my', pictured: true });
    await this.stop('my-cases', { room, page }, { where: '/my/cases' });
    await page.goto(`${base}/my/licences`);
    for (const link of await page.locator('a[href^="/licences/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')))) {
      const file = await room.request.get(base + link);
      report.check(file.status() === 200, `the licence file ${link.split('/').pop()} can be fetched`, `${file.status()}`);
    }
    const stranger = await this.room();
    await stranger.page.goto(`${base}/verify`);
    await stranger.page.fill('input[name=id]', identifier);
    await act.submit(stranger.page, act.sends('form[action="/verify"]'));
    report.check((await act.text(stranger.page)).includes('有效'), 'anybody can verify it: valid');
    await this.stop('verify', stranger, { pictured: true });
    await stranger.page.goto(`${base}/verify?id=1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U`);
    report.check(!/核验结果：有效/.test(await act.text(stranger.page)), 'an unknown identifier is not valid');
    const foreign = await stranger.room.request.get(`${base}/cases/${this.number}`, { maxRedirects: 0 });
    report.check([303, 401, 404].includes(foreign.status()), 'a stranger does not see the case', `${foreign.status()}`);
    await stranger.room.close();
  }

  async rate({ room, page }) {
    const { report, base } = this;
    await page.goto(`${base}/cases/${this.number}/rating`);
    report.check((await page.locator('input[name=level]:checked').count()) === 0, 'no rating is chosen beforehand');
    await this.stop('rating', { room, page }, { pictured: true });
    const send = act.sends('form[action$="/rating"]');
    report.check((await act.submit(page, send)) === 422, 'a rating without a level is refused');
    await act.tick(page.locator('input[name=level]').first());
    await page.fill('[name=text]', '很快');
    const status = await act.submit(page, send);
    report.check(status < 400 && (await page.locator('input[name=level]').count()) === 0, 'rated once', `answered ${status}`);
    await this.stop('rating-given', { room, page });
  }

  async prove({ room }) {
    const { report, base, world } = this;
    const bundle = path.join(world.folder, 'proof.json');
    const policy = path.join(world.folder, 'policy.txt');
    let answer;
    for (let wait = 0; wait < 30; wait += 1) {
      answer = await room.request.get(`${base}/cases/${this.number}/proof.json`);
      if (answer.status() === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    report.need(answer.status() === 200, 'proof.json can be fetched', `${answer.status()}`);
    const bytes = await answer.body();
    fs.writeFileSync(bundle, bytes);
    fs.writeFileSync(policy, await (await room.request.get(`${base}/tlog/policy`)).body());
    if (!world.program) return;
    const good = await world.program.run('verify', bundle, '--policy', policy);
    report.check(good.code === 0, 'the record verifies offline', `exit ${good.code}: ${good.text}`);
    const text = bytes.toString('utf8');
    const at = text.indexOf('符合法定条件');
    report.need(at >= 0, 'the decision’s reason is in the record');
    fs.writeFileSync(bundle, text.replace('符合法定条件', '符合法定条伴'));
    const bad = await world.program.run('verify', bundle, '--policy', policy);
    report.check(bad.code === 3, 'with one changed character it does not', `exit ${bad.code}: ${bad.text}`);
  }
}

/** Without script a closed <details> around the form is opened by its summary. */
export async function open(page, form) {
  const details = page.locator(`details:has(${form})`);
  for (const one of await details.all()) {
    if ((await one.getAttribute('open')) === null) await one.locator('summary').first().click();
  }
}

export async function journey(world) {
  world.report.begin('the whole journey, without script');
  try {
    const journey = new Journey(world);
    world.journey = journey;
    await journey.run();
  } catch (error) {
    if (!(error instanceof Stop)) world.report.bad('the journey broke off', error.stack.split('\n').slice(0, 4).join(' | '));
  }
}
