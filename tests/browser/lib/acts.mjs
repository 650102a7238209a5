// What people do on the pages, in small steps that several chapters share.

import { PASSWORD } from './program.mjs';

export const ITEM = '1133990200990011XN4330190001000';
export const PAGES = ['applicant', 'business', 'confirm'];

/** A day this many days from now, in China, as 2027-01-18. */
export function day(ahead) {
  const at = new Date(Date.now() + ahead * 86_400_000);
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(at);
}

/** A picture of an accepted kind: a real, small PNG. */
export async function pngFile(name) {
  const { PNG } = await import('pngjs');
  const png = new PNG({ width: 160, height: 120 });
  // Another name is another picture: the same bytes again would rightly be refused.
  const grey = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 200, 7);
  for (let i = 0; i < png.data.length; i += 4) png.data.fill((i / 4) % 160 > 80 ? grey : 255, i, i + 4);
  return { name, mimeType: 'image/png', buffer: PNG.sync.write(png) };
}

/** Logs in on the page that is open, which must be the log-in page. */
export async function typeLogin(page, login) {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', PASSWORD);
  await submit(page, sends('form[action="/login"]'));
}

export async function logIn(world, page, login, next = '') {
  await page.goto(`${world.base}/login${next ? `?next=${encodeURIComponent(next)}` : ''}`);
  await typeLogin(page, login);
}

/** Presses a button that leaves the page and waits for the page after it; gives the status of that page. */
export async function submit(page, selector) {
  const button = typeof selector === 'string' ? page.locator(selector).first() : selector;
  const last = (one) => one.request().isNavigationRequest() && one.frame() === page.mainFrame() && (one.status() < 300 || one.status() >= 400);
  const [answer] = await Promise.all([page.waitForResponse(last), page.waitForEvent('load'), button.click()]);
  return answer.status();
}

/** The button that sends a form. */
export function sends(form) {
  return `${form} button:not([type=button]):not(.sr):not([name=upload]):not([name=remove-file])`;
}

export const NEXT = 'button[name=act][value=next]:visible:not(.sr)';

/** The answers of the sample shop, by page. A function of the answers so that a chapter may spoil one. */
export function answers(person) {
  return {
    applicant: { applicant_kind: 'person', rep_name: person.name, rep_id_no: person.id, mobile: person.mobile },
    business: {
      shop_name: '小云小吃店',
      'premises.division': '339902001001',
      'premises.detail': '望湖路18号底商',
      area: '42.5',
      staff: '3',
      items: ['hot', 'drinks'],
      manager: person.name,
      online: true,
      platform: '云州外卖（演示平台）',
      open_date: day(56),
    },
    confirm: { delivery_way: 'electronic', consent: true },
  };
}

/** Sets a radio button or a box as people do: by its label. */
export async function tick(input, on = true) {
  if ((await input.isChecked()) !== on) await input.locator('xpath=ancestor::label').click();
}

/** Fills one field, whatever control it has on the page. */
export async function fill(page, name, value) {
  const all = page.locator(`[name="${name}"]:not([type=hidden])`);
  if ((await all.count()) === 0) throw new Error(`no field ${name} on ${page.url()}`);
  const first = all.first();
  const tag = await first.evaluate((e) => (e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()));
  if (tag === 'radio' || tag === 'checkbox') {
    const wanted = (Array.isArray(value) ? value : [value]).map(String);
    for (const one of await all.all()) {
      const code = await one.getAttribute('value');
      const hit = wanted.includes(code) || (wanted[0] === 'true' && ['1', 'yes', 'on'].includes(code));
      if (hit) await tick(one);
      else if (tag === 'checkbox') await tick(one, false);
    }
  } else if (tag === 'select') {
    await first.selectOption(String(value));
  } else {
    await first.fill(String(value));
  }
}

export async function fillAll(page, values) {
  // What an answer makes visible comes on the next load only; without script it is asked then.
  const later = [];
  for (const [name, value] of Object.entries(values)) {
    if (await page.locator(`[name="${name}"]:not([type=hidden])`).count()) await fill(page, name, value);
    else later.push(name);
  }
  return later;
}

/** Fills a form page and goes on; a field that appears only after the answer before is filled in a second round. */
export async function completePage(page, values) {
  const before = new URL(page.url()).pathname;
  let late = await fillAll(page, values);
  let status = await submit(page, NEXT);
  for (let round = 0; round < 2 && late.length && (status === 422 || new URL(page.url()).pathname === before); round += 1) {
    late = await fillAll(page, values);
    status = await submit(page, NEXT);
  }
  return status;
}

/** The materials that the page asks for, by id. */
export async function wantedMaterials(page) {
  return page.locator('input[type=file]').evaluateAll((inputs) => inputs.map((input) => input.name));
}

/** The session cookie of a context, for looking at the same page elsewhere. */
export async function session(context) {
  return (await context.cookies()).filter((cookie) => cookie.name !== 'zw-prefs');
}

/** What the list of problems says. */
export async function problems(page) {
  const list = page.locator('.err-sum li');
  return (await list.count()) ? (await list.allInnerTexts()).join('；') : '';
}

/** Visible text of the main part. */
export async function text(page) {
  return page.locator('main').innerText();
}
