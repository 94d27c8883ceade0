import { type Labels, readMetric, settings } from '@rookery/runtime';
import { type ArenaOptions, type FallbackName, fallbacks, type ServerName } from '../arena.ts';
import type { Fault, FaultContext } from '../fault.ts';
import { sample, within2s } from './sample.ts';

type Seen = Awaited<ReturnType<typeof sample>>;

interface Row {
  readonly row: string;
  readonly second: FallbackName;
  readonly first: ServerName;
  /** Length of the outage of the first server, in seconds. */
  readonly away: number;
  readonly expected: string;
  readonly look: (context: FaultContext, seen: Seen) => void;
  /** Waits until the second could take over: it comes up empty, and is fed while everybody is at work already. */
  readonly secondIsReady?: (context: FaultContext) => Promise<unknown>;
  /** Waits until the first server is used again, if this takes longer than its restart. */
  readonly firstIsBack?: (context: FaultContext) => Promise<unknown>;
}

/** A row of the matrix with the fallback configured: the first server goes, or hangs, and nobody may notice. */
const withSecond = (
  { row, second, first, away, expected, look, secondIsReady, firstIsBack }: Row,
  names: readonly [string, string],
) => {
  // One for both, so that they share a system.
  const arena = async (): Promise<ArenaOptions> => ({ with: [second] });
  const missing = async () =>
    Object.hasOwn(settings, fallbacks[second])
      ? undefined
      : `${fallbacks[second]} is not known to this build`;
  const about = { row, expected, missing, arena };
  const observe = async (context: FaultContext, name: string): Promise<void> => {
    const start = performance.now();
    look(context, await sample(context, 6));
    context.figure(`${name}: fail-over, six writes and reads`, performance.now() - start);
    await context.hold(away);
  };
  const [down, frozen] = names;
  return [
    {
      ...about,
      name: down,
      async run(context) {
        const server = context.arena.servers[first];
        const { pid } = server;
        await secondIsReady?.(context);
        await server.kill();
        context.fired(`SIGKILL to the first ${first}, pid ${pid}`);
        await observe(context, down);
        await server.restart();
        // Runs again while both are up, and then without the second one, whose data must not be needed twice.
        // It is needed while the first one is incomplete.
        await context.hold(3);
        await firstIsBack?.(context);
        const other = context.arena.seconds[second];
        await other?.server.kill();
        look(context, await sample(context, 3));
        await other?.server.restart();
      },
    },
    {
      ...about,
      name: frozen,
      async run(context) {
        const server = context.arena.servers[first];
        await secondIsReady?.(context);
        server.signal('SIGSTOP');
        context.fired(`SIGSTOP to the first ${first}, pid ${server.pid}`);
        await observe(context, frozen);
        server.signal('SIGCONT');
      },
    },
  ] satisfies Fault[];
};

const wellWritten = (context: FaultContext, { writes }: Seen): void => {
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

const wellRead = (context: FaultContext, { reads }: Seen): void =>
  context.expect(
    'reads go on',
    reads.every(({ ok }) => ok),
    reads,
  );

/** Waits until the query subgraph says this of itself in its metrics. */
const queryShows =
  (what: string, metric: string, labels: Labels = {}) =>
  ({ arena, until }: FaultContext): Promise<number> =>
    until(what, 30_000, async () => (await readMetric(arena.system.metricsUrls.query, metric, labels)) === 1);
const primaryIsRead = queryShows('the primary is read again', 'rookery_query_current_replica', {
  replica: 'primary',
});
const standbyIsFed = queryShows('the standby has been fed', 'rookery_query_standby_usable');

export const fallbackFaults: readonly Fault[] = [
  ...withSecond(
    {
      row: 'queue down',
      second: 'queue2',
      first: 'queue',
      away: 10,
      expected: 'mutations go to the second queue; nothing doubled; the answers say nothing of it',
      look: wellWritten,
    },
    ['queue-down-with-second', 'queue-frozen-with-second'],
  ),
  ...withSecond(
    {
      row: 'event store down 60 s',
      second: 'store2',
      first: 'store',
      away: 60,
      expected: 'recorded into the backup store; afterwards both agree',
      look: wellWritten,
    },
    ['event-store-down-with-backup', 'event-store-frozen-with-backup'],
  ),
  ...withSecond(
    {
      row: 'documents down',
      second: 'documents2',
      first: 'documents',
      away: 15,
      expected: 'reads from the standby, perhaps stale, never an error',
      look: wellRead,
      secondIsReady: standbyIsFed,
      firstIsBack: primaryIsRead,
    },
    ['documents-down-with-standby', 'documents-frozen-with-standby'],
  ),
  ...withSecond(
    {
      row: 'Redis flushed or down',
      second: 'redis2',
      first: 'redis',
      away: 10,
      expected: 'reads and live delivery go on',
      look: wellRead,
      secondIsReady: standbyIsFed,
      firstIsBack: primaryIsRead,
    },
    ['redis-down-with-standby', 'redis-frozen-with-standby'],
  ),
];
