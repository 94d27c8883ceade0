import type { Figures } from './figures.ts';

/** Assumptions of docs/explanation/scale.md about what people do. */
const habits = {
  /** Share of the accounts that are active on a day, and within the 14 days for which Redis holds a feed. */
  daily: 0.4,
  recent: 0.6,
  /** For each active person and day. */
  pages: 25,
  writes: 10,
  /** The busiest second against the mean. */
  peak: 3,
} as const;
/** Share of a core that is planned for, so that a lost machine and a busy minute have room. */
const coreUse = 0.6;
/** Entries of a feed in Redis: FEED_CAP. */
const feedEntries = 800;
const secondsPerDay = 86_400;
const [gib, tib] = [2 ** 30, 2 ** 40];

/** Processes and servers, by the name of their figures. */
const consumers = [
  'gateway',
  'mutation',
  'query',
  'recorder',
  'projector',
  'NATS',
  'Redis',
  'Postgres',
] as const;

/** Returns the needs of a number of people, from the figures of a measured network. Leaves out those with a missing figure. */
export const needsOf = (figures: Figures, people: number): Figures => {
  const active = people * habits.daily;
  const pages = (active * habits.pages * habits.peak) / secondsPerDay;
  const writes = (active * habits.writes * habits.peak) / secondsPerDay;
  const eventsPerYear = active * habits.writes * 365;
  const figure = (name: string): number => figures[name] ?? Number.NaN;
  const cores = consumers.map((name) => {
    const ms = pages * figure(`CPU per page, ${name}, ms`) + writes * figure(`CPU per post, ${name}, ms`);
    return [`cores of ${name} at the peak`, ms / 1_000 / coreUse] as const;
  });
  const rows = [
    ['pages per second at the peak', pages],
    ['writes per second at the peak', writes],
    ...cores,
    ['events per year, billions', eventsPerYear / 1e9],
    ['event store, TiB for each year', (eventsPerYear * figure('event store, bytes per event')) / tib],
    ['read models, TiB for each year', (eventsPerYear * figure('read models, bytes per event')) / tib],
    ['accounts, GiB', (people * figure('accounts, bytes per person')) / gib],
    [
      'Redis, GiB of held feeds',
      (people * habits.recent * feedEntries * figure('Redis, bytes per entry of a feed')) / gib,
    ],
  ] as const;
  return Object.fromEntries(rows.filter(([, value]) => !Number.isNaN(value)));
};
