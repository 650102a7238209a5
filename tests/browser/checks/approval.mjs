// One approval with everything that officers may order about it, in a browser without script: three organs review, one task is
// handed over, a special procedure stops the clock, a fourth organ is asked to sign too, the decision is sent back to the
// signers, and the running case is moved to a new version of its process before it is decided.

import * as act from '../lib/acts.mjs';
import { Stop } from '../lib/report.mjs';
import { CITIZEN, Journey, open } from './journey.mjs';

const ITEM = '11339902009900144C4330190005000';
const PROCESS = 'licence-approval-countersign';
const REVIEWERS = ['dhcgj-reviewer', 'dhga-reviewer', 'xfjy-reviewer'];
const ADDED = { organ: '生态环境局', login: 'sthj-reviewer' };

const ANSWERS = {
  applicant: { applicant_kind: 'person', rep_name: CITIZEN.name, rep_id_no: CITIZEN.id, mobile: CITIZEN.mobile },
  sign: {
    'premises.division': '339902001001',
    'premises.detail': '望湖路18号底商',
    content: '小云小吃店',
    'signs.0.w': '4.2',
    'signs.0.h': '1.1',
    start: act.day(30),
  },
  confirm: { delivery_way: 'electronic', consent: true },
};

class Approval extends Journey {
  async run() {
    this.heard = [];
    const citizen = await this.room(CITIZEN.login);
    await this.apply(citizen);
    await this.handOver();
    await this.decideOn('dhcgj-acceptor', 'accept', 'acceptance', {});
    await this.stopTheClock();
    for (const login of REVIEWERS) await this.decideOn(login, 'review', 'review', { verdict: 'yes', opinion: '符合条件' });
    await this.addSigner();
    await this.signAll();
    await this.sendBack();
    await this.signAll();
    await this.migrate();
    await this.decideOn('dhcgj-decider', 'decide', 'decision', { verdict: 'yes', reason: '符合法定条件' });
    await this.look(citizen);
    const heard = [...new Set(this.heard.flat())];
    this.report.check(heard.length === 0, 'no errors in the browser on the way', () => heard.slice(0, 5).join(' ; '));
  }

  async apply({ room, page }) {
    const { report, base } = this;
    await page.goto(`${base}/items/${ITEM}`);
    for (const [code, value] of [['kind', 'sign'], ['wall', 'own'], ['light', 'no']]) {
      await act.tick(page.locator(`input[name="q.${code}"][value="${value}"]`));
    }
    await act.submit(page, act.sends('form.qs'));
    await act.submit(page, page.locator('aside a[href^="/login"], aside form[action^="/apply/"] button').first());
    for (let step = 0; step < 3 && !page.url().includes('/drafts/'); step += 1) {
      await act.submit(page, page.locator('form[action^="/apply/"] button').first());
    }
    report.need(page.url().includes('/drafts/'), 'a draft is opened', page.url());
    this.draft = new URL(page.url()).pathname.match(/^\/drafts\/[^/]+/)[0];
    for (const [name, values] of Object.entries(ANSWERS)) {
      await page.goto(`${base}${this.draft}/pages/${name}`);
      await act.completePage(page, values);
      report.need(!new URL(page.url()).pathname.endsWith(`/pages/${name}`), `page “${name}” is accepted`, await act.problems(page));
    }
    await page.goto(`${base}${this.draft}/materials`);
    for (const id of await act.wantedMaterials(page)) {
      await page.locator(`input[type=file][name="${id}"]`).setInputFiles(await act.pngFile(`${id}.png`));
      await act.submit(page, `button[name=upload][value="${id}"]`);
    }
    await page.goto(`${base}${this.draft}/check`);
    await act.tick(page.locator('input[name=agree]'));
    await act.submit(page, act.sends('form[action$="/submission"]'));
    report.need(/\/cases\/[^/]+\/received$/.test(page.url()), 'the application is sent', `${page.url()} ${(await act.text(page)).slice(0, 300)}`);
    this.number = page.url().match(/\/cases\/([^/]+)\//)[1];
  }

  /** Fills and sends the form of an order that stands behind a link of the page that is open. */
  async order(who, noun, choice, what) {
    const { report } = this;
    await act.submit(who.page, `a[href$="/${noun}"]`);
    await this.stop(`order-${noun.replaceAll('/', '-')}`, who);
    const form = `form[action$="/${noun}"]`;
    report.check((await act.submit(who.page, act.sends(form))) === 422, `${what}: refused without a reason`);
    if (choice) {
      const list = who.page.locator(`${form} select[name=to]`);
      if (await list.count()) await list.selectOption(await list.locator('option').filter({ hasText: choice }).first().getAttribute('value'));
      else await act.tick(who.page.locator(`${form} label`).filter({ hasText: new RegExp(`^\\s*${choice}`) }).locator('input[name=to]').first());
    }
    await who.page.locator(`${form} textarea[name=reason]`).fill('浏览器检查');
    const status = await act.submit(who.page, act.sends(form));
    report.check(status < 400, what, `answered ${status}: ${(await act.text(who.page)).slice(0, 200)}`);
  }

  async handOver() {
    const clerk = await this.task('zhouchuang', 'pre-review');
    const place = clerk.page.url();
    await this.order(clerk, 'transfer', '吴', 'the pre-review is handed over (转办)');
    const answer = await clerk.page.goto(place);
    const left = await clerk.page.locator('form[action$="/pre-review"]').count();
    this.report.check(answer.status() === 200 && left === 0, 'whoever handed it over can no longer do it');
    await clerk.room.close();
    await this.decideOn('wuling', 'pre-review', 'pre-review', { opinion: '材料齐全' });
  }

  async stopTheClock() {
    const { report, base } = this;
    const who = await this.room('dhcgj-reviewer');
    await who.page.goto(`${base}/work/cases/${this.number}`);
    const start = 'form[action$="/special-procedures"]';
    await open(who.page, start);
    await act.fill(who.page, 'kind', 'inspection');
    await act.fill(who.page, 'days', '5');
    await who.page.locator(`${start} [name=reason]`).fill('现场检验结构安全');
    let status = await act.submit(who.page, act.sends(start));
    report.check(status < 400, 'a special procedure stops the clock', `answered ${status}`);
    await this.stop('work-case-suspended', who);
    const reviewer = await this.task('xfjy-reviewer', 'review');
    const offered = await reviewer.page.locator('form[action$="/review"]').count();
    report.check(offered === 0 && (await act.text(reviewer.page)).includes('特别程序'), 'meanwhile the task says why it waits');
    await reviewer.room.close();
    await who.page.goto(`${base}/work/cases/${this.number}`);
    const end = 'form[action$="/special-procedures/result"]';
    await who.page.locator(`${end} [name=result]`).fill('检验合格');
    status = await act.submit(who.page, act.sends(end));
    report.check(status < 400, 'and its result lets it go on', `answered ${status}`);
    await who.room.close();
  }

  async addSigner() {
    const who = await this.room('dhcgj-reviewer');
    await who.page.goto(`${this.base}/work/cases/${this.number}`);
    await this.order(who, 'signers', ADDED.organ, 'a fourth organ is asked to sign (加签)');
    await who.room.close();
  }

  async signAll() {
    const first = !this.signed;
    this.signed = true;
    for (const login of first ? [...REVIEWERS, ADDED.login] : REVIEWERS) {
      await this.decideOn(login, 'countersign', 'countersignature', { verdict: 'yes', opinion: '同意' });
    }
  }

  async sendBack() {
    const who = await this.task('dhcgj-decider', 'decide');
    await this.order(who, 'return', '会签', 'the decision is sent back to the signers (退回)');
    await who.room.close();
  }

  async migrate() {
    const { report, base } = this;
    const who = await this.room('xitong');
    const { page } = who;
    await page.goto(`${base}/admin/processes`);
    await this.stop('processes', who);
    await page.goto(base + (await page.locator('tr, li, article').filter({ hasText: PROCESS }).locator('a[href^="/admin/processes/"]').first().getAttribute('href')));
    const old = new URL(page.url()).pathname;
    await this.stop('process', who);
    const file = await (await who.room.request.get(`${base}${old}/bpmn`)).text();
    const changed = file.replaceAll(/(id|Ref|bpmnElement)="decide"/g, '$1="make_decision"').replaceAll('>decide<', '>make_decision<').replace('name="决定"', 'name="决定（新版）"');
    report.need(changed !== file, 'the file of the process can be taken away');
    await page.goto(`${base}/admin/processes/uploads`);
    await page.locator('input[type=file][name=file]').setInputFiles({ name: 'next.bpmn', mimeType: 'application/xml', buffer: Buffer.from(changed) });
    let status = await act.submit(page, act.sends('form[action="/admin/processes/uploads"]'));
    report.need(status < 400, 'a new version is handed in', `answered ${status}: ${(await act.text(page)).slice(0, 300)}`);
    await this.stop('process-handed-in', who);
    const publish = 'form[action$="/publication"]';
    await page.locator(`${publish} [name=reason]`).fill('决定环节改名');
    status = await act.submit(page, act.sends(publish));
    report.check(status < 400, 'and published', `answered ${status}: ${(await act.text(page)).slice(0, 300)}`);
    const next = new URL(page.url()).pathname.split('/').pop();
    await page.goto(`${base}${old}/moves?to=${next}`);
    await page.locator('select[name="m.decide"]').selectOption('make_decision');
    await act.submit(page, 'button[name=step][value=try]');
    report.check(/1 件可以迁移/.test(await act.text(page)), 'the trial says that the case can be moved', (await act.text(page)).slice(0, 400));
    await this.stop('process-move', who);
    await page.locator('textarea[name=reason]').fill('改用新版本');
    status = await act.submit(page, 'button[name=step][value=order]');
    report.check(status < 400, 'the move is ordered', `answered ${status}`);
    const report_page = page.url();
    let said = '';
    for (let wait = 0; wait < 40 && !said.includes('已迁移 1 件'); wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await page.goto(report_page);
      said = await act.text(page);
    }
    report.check(said.includes('已迁移 1 件'), 'the running case goes on by the new version (迁移)', said.slice(0, 300));
    await this.stop('process-move-report', who);
    await who.room.close();
  }

  async look({ room, page }) {
    const { report, base } = this;
    const officer = await this.room('dhcgj-decider');
    await this.stop('work-case-approved', officer, { where: `/work/cases/${this.number}` });
    await officer.page.goto(`${base}/work/cases/${this.number}`);
    const told = await officer.page.locator('body').innerText();
    for (const word of ['预审转给', '特别程序', '会签', '加签', '退回', '办理流程更新', '办结']) report.check(told.includes(word), `the history tells of ${word}`);
    await officer.room.close();
    await page.goto(`${base}/cases/${this.number}`);
    report.check((await act.text(page)).includes('办结'), 'the applicant sees that it is granted');
    await this.stop('case-approved', { room, page });
  }
}

export async function approval(world) {
  world.report.begin('an approval with every order, without script');
  try {
    await new Approval(world).run();
  } catch (error) {
    if (!(error instanceof Stop)) world.report.bad('the approval broke off', error.stack.split('\n').slice(0, 4).join(' | '));
  }
}
