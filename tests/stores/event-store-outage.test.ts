import { openEventStore } from '@rookery/event-store';
import { createLog } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../support/events/sample-events.ts';
import { eventually } from '../support/eventually.ts';
import { privatePostgres } from '../support/servers/private-postgres.ts';
import { startStopwatch } from '../support/stopwatch.ts';

const log = createLog('test', 'silent');
const never = new AbortController().signal;

describe('Postgres frozen', () => {
  it('gives errors in bounded time, never a hang, and works again afterwards', async () => {
    await using postgres = await privatePostgres();
    const frozen = openEventStore(postgres.url, { log });
    await frozen.prepare();
    const writer = await frozen.acquireWriter(never);
    await writer.append([sampleEvent()]);
    await postgres.freeze();
    const took = startStopwatch();
    const outcomes = await Promise.allSettled([
      frozen.ping(),
      frozen.head(),
      frozen.read(0, 1),
      writer.append([sampleEvent()]),
      frozen.acquireWriter(never),
    ]);
    expect(outcomes.map((o) => o.status)).toEqual(outcomes.map(() => 'rejected'));
    await writer.lost;
    expect(took()).toBeLessThan(15_000);
    postgres.thaw();
    await eventually(() => frozen.ping().then(() => true), { what: 'an answer' });
    const next = await frozen.acquireWriter(never);
    await next.append([sampleEvent()]);
    // The append that was cut off may have been done or not; either way the positions are whole.
    const stored = await frozen.read(0, 10);
    expect(stored.map((s) => s.position)).toEqual(stored.map((_, i) => i + 1));
    await frozen.close();
  });
});
