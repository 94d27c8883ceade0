import { runOps } from './cli.ts';

/** Interval between progress lines if standard error is no terminal. */
const quietIntervalMs = 5_000;
const { stderr, stdout } = process;
let shownAt = Number.NEGATIVE_INFINITY;

process.exitCode = await runOps(process.argv.slice(2), {
  env: process.env,
  out: (text) => stdout.write(`${text}\n`),
  err: (text) => stderr.write(`${text}\n`),
  progress(line) {
    if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`);
    else if (performance.now() - shownAt > quietIntervalMs) {
      shownAt = performance.now();
      stderr.write(`${line}\n`);
    }
  },
});
