import { projections } from '@rookery/read-models';
import { expect, it } from 'vitest';
import { progressIn, readFlow } from './flow.ts';

const now = new Date();
/** A queue in which `events` wait for each step. */
const queueWith = (events: Readonly<Record<string, number>>, lastPublished: number) => ({
  ping: async () => {},
  replicas: () => [],
  lastPublished: async () => lastPublished,
  backlog: async (name: string) => ({
    isWorking: true,
    events: events[name] ?? 0,
    oldestAt: now.toISOString(),
  }),
});

it('tells the rate of each projection, and the time that the slowest one needs', async () => {
  const checkpoint = (position: number, perSecond: number) =>
    progressIn({ position, perSecond, at: now.toISOString(), epoch: 0 });
  const flow = await readFlow(
    queueWith({ feeds: 900_000, recorder: 50_000 }, 1_000_000),
    async () => (name) => (name === 'feeds' ? checkpoint(100_000, 5_000) : checkpoint(990_000, 100)),
  );
  const stepOf = (step: string) => flow.steps.find(({ name }) => name === step);
  expect(stepOf('feeds')).toMatchObject({ behind: 900_000, perSecond: 5_000, secondsLeft: 180 });
  expect(stepOf('posts')).toMatchObject({ behind: 10_000, perSecond: 100, secondsLeft: 100 });
  // Feeds need longest, and events that wait for the recorder come on top.
  expect(flow).toMatchObject({ behind: 950_000, perSecond: 5_000, secondsLeft: 190 });
});

it('knows no end of a backlog that nobody works off', async () => {
  const before = new Date(now.getTime() - 3_600_000).toISOString();
  const stuck = progressIn({ position: 10, perSecond: 5_000, at: before, epoch: 0 }, now.getTime());
  expect(stuck).toEqual({ position: 10, perSecond: 0 });
  const flow = await readFlow(queueWith({}, 1_000), async () => () => stuck);
  expect(flow).toMatchObject({ behind: 990, perSecond: 0, secondsLeft: null });
});

it('says that nothing is left if nothing is behind, and does not know the rate of an earlier version', async () => {
  const even = progressIn({ position: 7, at: now.toISOString(), epoch: 0 });
  const flow = await readFlow(queueWith({}, 7), async () => () => even);
  expect(flow).toMatchObject({ behind: 0, perSecond: null, secondsLeft: 0 });
  expect(flow.steps.map(({ secondsLeft }) => secondsLeft)).toEqual([0, ...projections.map(() => 0)]);
});
