import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useServers } from '../support/index.ts';
import { faultNamed, faults } from './faults/index.ts';
import { runMatrix } from './matrix.ts';
import { summarize, toText } from './report.ts';
import { openTrace } from './trace.ts';

/** The cheapest rows of the kinds that no other test of the short tier has; `npm run faults:long` has them all, for longer and with more than one seed. */
const cheapest = ['recorder-dies-after-commit', 'kill-projector', 'queue-down'];

describe('the fault matrix, its short tier', () => {
  // Takes a minute on an idle machine.
  it('breaks no promise', { timeout: 400_000 }, async () => {
    const said: string[] = [];
    const report = await runMatrix({
      seed: 1,
      faults: cheapest.flatMap((name) => faultNamed(name) ?? []),
      seconds: 0,
      pace: 0.2,
      trace: openTrace(mkdtempSync(join(useServers().dir, 'faults-')), 'short'),
      say: (line) => said.push(line),
    });
    const summary = summarize([report]);
    expect(summary.broken, `${said.join('\n')}\n${toText(summary)}`).toEqual([]);
    expect([summary.lost, summary.doubled]).toEqual([0, 0]);
    expect(summary.acknowledged).toBeGreaterThan(20);
    expect(Object.keys(summary.fired).sort()).toEqual(cheapest.toSorted());
  });

  it('has every row', () => {
    const rows = new Set(faults.map(({ row }) => row));
    expect([...rows]).toEqual(
      expect.arrayContaining([
        'kill -9 gateway, mutation or query subgraph',
        'kill -9 recorder before commit, after commit, after publish',
        'kill -9 projector mid-batch, after apply',
        'queue down',
        'event store down 60 s',
        'event store frozen (SIGSTOP)',
        'documents down',
        'a statement that takes too long',
        'Redis flushed or down',
        'duplicate ×3, reordered',
        'poison event',
        'unknown event version',
        'mutation replicas with clocks 5 s apart',
        'slow subscriber, never-reading socket',
        'disk full (store, queue)',
        'clock ±2 h on one process',
        'projection tampered with (row edited, deleted, added)',
        'rebuild under load, killed half way',
        'a post with 5,000,000 likes, an author with 5,000,000 followers',
        'gateway stopped with open sockets',
        'two recorders',
        'an idempotency key used again after its window',
      ]),
    );
  });

  it('has every fault under a name of its own', () => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
