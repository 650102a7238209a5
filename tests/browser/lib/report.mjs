// Findings: every check prints one line; a failed one is remembered, and the run ends with exit code 1.

export class Report {
  constructor() {
    this.passed = 0;
    this.failed = [];
    this.chapter = '';
  }

  begin(chapter) {
    this.chapter = chapter;
    this.since = Date.now();
    console.log(`\n== ${chapter}`);
  }

  ok(what, detail = '') {
    this.passed += 1;
    console.log(`  ✔ ${what}${detail ? ` — ${detail}` : ''}`);
  }

  bad(what, detail = '') {
    this.failed.push(`${this.chapter}: ${what}${detail ? ` — ${detail}` : ''}`);
    console.log(`  ✘ ${what}${detail ? ` — ${detail}` : ''}`);
  }

  /** True when `holds`; what is wrong otherwise goes into the report, and the run goes on. */
  check(holds, what, detail = '') {
    if (holds) this.ok(what);
    else this.bad(what, typeof detail === 'function' ? detail() : detail);
    return Boolean(holds);
  }

  /** As `check`, but the chapter cannot go on without it. */
  need(holds, what, detail = '') {
    if (!this.check(holds, what, detail)) throw new Stop(what);
  }

  /** The end of the run: the exit code. */
  end() {
    console.log(`\n${this.passed} checks passed, ${this.failed.length} failed.`);
    for (const line of this.failed) console.log(`  ✘ ${line}`);
    return this.failed.length ? 1 : 0;
  }
}

/** A chapter that cannot go on. The finding is in the report already. */
export class Stop extends Error {}
