import { loopSampleMs, readMetric } from '@rookery/runtime';
import { processNames } from '@rookery/stack';
import { readQueue } from '../../support/servers/read-queue.ts';
import type { Arena } from '../arena.ts';
import type { Injected } from '../fault.ts';
import type { Workload } from '../workload/workload.ts';
import { readDocuments, readOutbox, readProgress, readStore, withDocuments } from './observe.ts';
import { secondsDiffer } from './seconds.ts';

/** Returns what is missing until everything accepted is recorded and projected; undefined if nothing is. */
export const unfinished = async (
  arena: Arena,
  workload: Workload,
  injected: Injected,
): Promise<string | undefined> => {
  // Includes unacknowledged sign-ups: one that is published during the checks would change their result.
  const outbox = await readOutbox(arena.urls.store);
  if (outbox > 0) return `${outbox} sign-ups wait in their outbox`;
  const [store, queue] = await Promise.all([readStore(arena.urls.store), readQueue(arena.urls.queue)]);
  const { events } = store;
  const stored = new Set(events.map(({ id }) => id));
  // A sign-up is acknowledged by its outbox, and in the queue only after the next sweep.
  const { lost } = workload.world.referenceModel.settle(events, injected.events);
  if (lost.length > 0) return `${lost.length} acknowledged are not in the store: ${lost[0]}`;
  const left = queue.activity.filter((id) => !stored.has(id));
  if (left.length > 0) return `${left.length} events wait in ACTIVITY`;
  if (queue.recorded !== events.length) return `RECORDED is at ${queue.recorded} of ${events.length}`;
  const slow = [...queue.floors].find(([, floor]) => floor !== events.length);
  if (slow) return `${slow[0]} has acknowledged up to ${slow[1]} of ${events.length}`;
  const names = [...queue.floors.keys()].filter((name) => !name.endsWith('-standby'));
  const behind = [...(await readProgress(arena.urls.documents, names))].find(([, at]) => at < events.length);
  if (behind) return `${behind[0]} says that it is at ${behind[1]} of ${events.length}`;
  if (Object.keys(arena.seconds).length === 0) return undefined;
  const live = () => withDocuments(arena.urls.documents, readDocuments);
  return (await secondsDiffer(arena, store, live))[0];
};

/** Returns which processes are not ready, or whether writes do not reach the feeds. */
export const unready = async ({ system }: Arena): Promise<string | undefined> => {
  const states = await Promise.all(
    processNames.map(async (name) => {
      const answer = await fetch(`${system.urls[name]}/health/ready`);
      return answer.ok ? [] : [`${name}: ${await answer.text()}`];
    }),
  );
  const flow = await fetch(`${system.urls.query}/health/flow`);
  return states.flat()[0] ?? (flow.ok ? undefined : `writes do not flow: ${await flow.text()}`);
};

/** For how long, in ms, the event loop of each process was held: the 99th percentile since it was last asked. */
export const heldLoops = async ({ system }: Arena): Promise<Map<string, number>> =>
  new Map(
    await Promise.all(
      processNames.map(async (name) => {
        const seconds = await readMetric(system.metricsUrls[name], 'nodejs_eventloop_lag_p99_seconds');
        return [name, Math.max(0, (seconds ?? 0) * 1_000 - loopSampleMs)] as const;
      }),
    ),
  );
