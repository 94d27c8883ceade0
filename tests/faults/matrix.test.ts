import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useServers } from '../support/index.ts';
import { faultNamed } from './faults/index.ts';
import { runMatrix } from './matrix.ts';
import { summarize, toText } from './report.ts';
import { openTrace } from './trace.ts';

/** The cheapest rows of three kinds; `npm run faults:long` has them all, for longer and with more than one seed. */
const cheapest = ['recorder-dies-after-commit', 'kill-projector', 'queue-down'];

// Takes a minute on an idle machine.
it('three rows of the fault matrix break no promise', { timeout: 400_000 }, async () => {
  const said: string[] = [];
  const report = await runMatrix({
    seed: 1,
    faults: cheapest.flatMap((name) => faultNamed(name) ?? []),
    seconds: 0,
    pace: 0.2,
    trace: openTrace(mkdtempSync(join(useServers().dir, 'faults-')), 'matrix'),
    say: (line) => said.push(line),
  });
  const summary = summarize([report]);
  expect(summary.broken, `${said.join('\n')}\n${toText(summary)}`).toEqual([]);
  expect([summary.lost, summary.doubled]).toEqual([0, 0]);
  expect(summary.acknowledged).toBeGreaterThan(20);
  expect(Object.keys(summary.fired).sort()).toEqual(cheapest.toSorted());
});
