import { newId } from '@rookery/runtime';
import { type EventData, type EventName, makeEvent, writeEvent } from '@rookery/schema/events';
import { cpuFigures, cpuReader } from '../cpu.ts';
import { repeat, until } from '../measure.ts';
import type { Say } from '../progress.ts';
import { projectedPosition } from '../projected-position.ts';
import { body } from '../publish-post.ts';
import { type Figures, named } from './figures.ts';
import type { SizedSystem } from './sized-system.ts';

export interface CatchUpOptions {
  readonly events: number;
}

const timeoutMs = 1_200_000;

/** Measures how fast all projections together apply a backlog, and how fast the read models were built. */
export const measureCatchUp = async (
  sized: SizedSystem,
  { events }: CatchUpOptions,
  say: Say,
): Promise<Figures> => {
  const { system, postgres, documents, eventStore, loaded } = sized;
  const reached = () => projectedPosition(documents);
  await system.kill('projector', 'SIGTERM');
  const before = await eventStore.head();
  say(`${events} events without a projector`);
  await publishBacklog(sized, events);
  const head = before + events;
  await until('the backlog is recorded', timeoutMs, async () => (await eventStore.head()) >= head);
  say('the projector catches up');
  // The start of the process does not count: from its readiness on, or from its first progress if that comes first.
  let start: number | undefined;
  const begin = (): void => {
    start ??= performance.now();
  };
  const catchUp = async (): Promise<number> => {
    await until('the first event is applied', timeoutMs, async () => (await reached()) > before);
    begin();
    await until('all events are applied', timeoutMs, async () => (await reached()) >= head);
    return performance.now();
  };
  const started = system.start('projector').then(() => {
    begin();
    const readCpu = cpuReader(system, postgres);
    return { readCpu, times: readCpu() };
  });
  const [end, { readCpu, times }] = await Promise.all([catchUp(), started]);
  const cpuAfter = readCpu();
  const seconds = Math.max(1, end - (start ?? end)) / 1_000;
  return {
    [named.catchUp]: events / seconds,
    ...cpuFigures('event of the backlog', events, times, cpuAfter),
    [named.rebuild]: loaded.position / loaded.seconds.build,
    ...loadFigures(loaded),
  };
};

const loadFigures = ({ events, seconds }: SizedSystem['loaded']): Figures => {
  const all = seconds.events + seconds['read models'];
  return {
    [named.bulkLoad]: events / all,
    'bulk load, appends alone, events per second': events / seconds.events,
    'bulk load, seconds': all,
  };
};

/** Publishes posts, likes of them, and follows, by people from all over the network. */
const publishBacklog = async ({ queue, loaded }: SizedSystem, events: number): Promise<void> => {
  const people = [...loaded.people.values()];
  const somebody = (n: number): string => people[(n * 7_919) % people.length] ?? '';
  const posts: string[] = [];
  const send = <N extends EventName>(name: N, actor: string, data: EventData<N>, subject?: string) => {
    const id = newId();
    const time = new Date().toISOString();
    return queue
      .publish(writeEvent(makeEvent({ name, id, subject: subject ?? id, actor, time, data })))
      .then(() => id);
  };
  await repeat(events, 64, async (n) => {
    if (n % 4 === 0 || posts.length === 0)
      posts.push(await send('rookery.post.published', somebody(n), { body }));
    else if (n % 4 === 1) await send('rookery.user.followed', somebody(n), {}, somebody(n * 3 + 1));
    else await send('rookery.post.liked', somebody(n), {}, posts[n % posts.length]);
  });
};
