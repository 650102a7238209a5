#!/usr/bin/env node
// Browser checks of the built program, on a demo city of its own.
//
//   npm ci && node run.mjs --program ../../target/release/tongban
//
//   --only journey,approval,phone,access,pictures,bytes   some of the chapters (access and pictures happen along the journey)
//   --update                                     take the pictures anew; look at them before they are committed
//   --base http://127.0.0.1:PORT                 a program that runs already (fresh data; no offline verification)
//
// Exit code 0: everything holds; 1: something does not; 2: it could not be run.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { approval } from './checks/approval.mjs';
import { bytes } from './checks/bytes.mjs';
import { journey } from './checks/journey.mjs';
import { phone } from './checks/phone.mjs';
import { launch } from './lib/chrome.mjs';
import { weigh } from './lib/pictures.mjs';
import { Program } from './lib/program.mjs';
import { Report } from './lib/report.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

async function main() {
  const { values } = parseArgs({
    options: {
      program: { type: 'string', default: path.join(ROOT, 'target/release/tongban') },
      only: { type: 'string', default: 'journey,approval,phone,access,pictures,bytes' },
      update: { type: 'boolean', default: false },
      base: { type: 'string' },
    },
  });
  const chapters = values.only.split(',');
  const does = (chapter) => chapters.includes(chapter);
  const report = new Report();
  const browser = await launch();
  let program = null;
  try {
    if (!values.base) {
      if (!fs.existsSync(values.program)) throw new Error(`${values.program} is missing; build it with: cargo build --release -p tongban`);
      program = new Program(values.program);
      await program.start();
    }
    const folder = program?.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'tongban-browser-'));
    const base = values.base ?? program.base;
    const world = { browser, base, report, does, program, folder, update: values.update, looked: new Set() };
    if (does('bytes')) await bytes(world);
    if (does('journey') || does('access') || does('pictures')) await journey(world);
    if (does('approval')) await approval(world);
    if (does('phone')) await phone(world);
    if (does('pictures')) weigh(world);
  } finally {
    await browser.close();
    await program?.stop();
  }
  return report.end();
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(`\nThe browser checks could not be run: ${error.message}`);
    process.exit(2);
  },
);
