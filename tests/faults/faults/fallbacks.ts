import { settings } from '@rookery/service';
import { type FallbackName, fallbacks, type ServerName } from '../arena.ts';
import type { Fault, FaultContext } from '../fault.ts';
import { sample, within2s } from './sample.ts';

/** A row of the matrix with the fallback configured: the first server goes, and nobody may notice. */
const withSecond = (
  name: string,
  row: string,
  second: FallbackName,
  first: ServerName,
  seconds: number,
  expected: string,
  look: (context: FaultContext, seen: Awaited<ReturnType<typeof sample>>) => void,
): Fault => ({
  name,
  row,
  expected,
  missing: async () =>
    Object.hasOwn(settings, fallbacks[second])
      ? undefined
      : `${fallbacks[second]} is not known to this build`,
  arena: async () => ({ with: [second] }),
  async run(context) {
    const server = context.arena.servers[first];
    const { pid } = server;
    const start = performance.now();
    await server.kill();
    context.fired(`SIGKILL to the first ${first}, pid ${pid}`);
    look(context, await sample(context, 6));
    context.figure(`${name}: fail-over, six writes and reads`, performance.now() - start);
    await context.hold(seconds);
    await server.restart();
    // Once more while both are there, and once without the second: what it held must not be needed twice.
    await context.hold(3);
    const other = context.arena.seconds[second];
    await other?.server.kill();
    look(context, await sample(context, 3));
    await other?.server.restart();
  },
});

const wellWritten = (context: FaultContext, { writes }: Awaited<ReturnType<typeof sample>>): void => {
  within2s(
    context,
    'first server away',
    writes.map(({ took }) => took),
  );
  context.expect(
    'writes go on',
    writes.every(({ ok }) => ok),
    writes,
  );
};

const wellRead = (context: FaultContext, { reads }: Awaited<ReturnType<typeof sample>>): void =>
  context.expect(
    'reads go on',
    reads.every(({ ok }) => ok),
    reads,
  );

export const fallbackFaults: readonly Fault[] = [
  withSecond(
    'queue-down-with-second',
    'queue down',
    'queue2',
    'queue',
    10,
    'mutations go to the second queue; nothing doubled; the answers say nothing of it',
    wellWritten,
  ),
  withSecond(
    'event-store-down-with-backup',
    'event store down 60 s',
    'store2',
    'store',
    60,
    'recorded into the backup store; afterwards both agree',
    wellWritten,
  ),
  withSecond(
    'documents-down-with-standby',
    'documents down',
    'documents2',
    'documents',
    15,
    'reads from the standby, perhaps stale, never an error',
    wellRead,
  ),
  withSecond(
    'redis-down-with-standby',
    'Redis flushed or down',
    'redis2',
    'redis',
    10,
    'reads and live delivery go on',
    wellRead,
  ),
];
