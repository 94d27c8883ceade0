import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { processNames } from '@rookery/stack';
import { expect, it } from 'vitest';
import { until } from '../support/eventually.ts';
import { sharedSystem } from '../support/systems/shared-system.ts';

/** Returns how often the main thread of a process has slept and woken up so far. */
const wakeUps = (pid: number): number => {
  const [, count = ''] =
    /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(count);
};

/** A timer that fires a hundred times a second takes more processor time in a day than most other work of a small system. */
it('a process that has nothing to do wakes up less than 50 times a second', {
  timeout: 120_000,
}, async () => {
  const system = await sharedSystem();
  const pids = processNames.map((name) => system.pid(name) ?? 0);
  // A file before may have left work behind.
  const perSecond = await until('no process has work', async () => {
    const before = pids.map(wakeUps);
    const start = performance.now();
    await setTimeout(1_000);
    const seconds = (performance.now() - start) / 1_000;
    const rates = pids.map((pid, i) => (wakeUps(pid) - (before[i] ?? 0)) / seconds);
    return rates.every((rate) => rate < 50) ? rates : undefined;
  });
  // Each has timers, so a process that never wakes up was not measured.
  for (const rate of perSecond) expect(rate).toBeGreaterThan(0);
});
