// The program under test: started on a private data folder and a free port, stopped at the end.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const PASSWORD = 'Tongban-Demo-2026';

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Program {
  constructor(file) {
    this.file = path.resolve(file);
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tongban-browser-'));
  }

  /** Starts the demo city and waits until it answers; at most `seconds`. */
  async start(seconds = 120) {
    const port = await freePort();
    this.base = `http://127.0.0.1:${port}`;
    this.log = path.join(this.folder, 'program.log');
    const out = fs.openSync(this.log, 'w');
    this.child = spawn(this.file, ['demo', '--data', path.join(this.folder, 'data'), '--listen', `127.0.0.1:${port}`], {
      stdio: ['ignore', out, out],
    });
    this.child.on('error', (error) => {
      this.ended = String(error);
    });
    this.child.on('exit', (code, signal) => {
      this.ended = `exit ${code ?? signal}`;
    });
    for (let wait = 0; wait < seconds * 10; wait += 1) {
      if (this.ended) throw new Error(`${this.file} ended (${this.ended}):\n${this.tail()}`);
      const answer = await fetch(`${this.base}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${this.file} is not ready after ${seconds} s:\n${this.tail()}`);
  }

  tail(lines = 30) {
    return fs.readFileSync(this.log, 'utf8').split('\n').slice(-lines).join('\n');
  }

  /** Runs a command of the program: exit code and what it printed. */
  async run(...args) {
    const child = spawn(this.file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, text };
  }

  async stop() {
    if (this.child && !this.ended) {
      const gone = new Promise((resolve) => this.child.on('exit', resolve));
      this.child.kill('SIGINT');
      const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
