import type { MatrixReport } from './matrix.ts';
import type { EpisodeReport } from './run.ts';

export interface Summary {
  readonly seeds: readonly number[];
  readonly passed: boolean;
  readonly seconds: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Without an answer to the end, and how many of them had taken effect. */
  readonly unknown: number;
  readonly unknownApplied: number;
  readonly events: number;
  readonly lost: number;
  readonly doubled: number;
  readonly deliveries: number;
  readonly reconnects: number;
  readonly fired: Readonly<Record<string, number>>;
  readonly checked: Readonly<Record<string, number>>;
  readonly figures: Readonly<
    Record<string, { readonly median: number; readonly most: number; readonly n: number }>
  >;
  readonly broken: EpisodeReport['broken'];
  readonly skipped: MatrixReport['skipped'];
}

const sumOf = (records: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const record of records)
    for (const [name, value] of Object.entries(record)) sum[name] = (sum[name] ?? 0) + value;
  return Object.fromEntries(Object.entries(sum).sort(([a], [b]) => (a < b ? -1 : 1)));
};

export const summarize = (reports: readonly MatrixReport[]): Summary => {
  const episodes = reports.flatMap((report) => report.episodes);
  const total = (value: (episode: EpisodeReport) => number) =>
    episodes.reduce((sum, one) => sum + value(one), 0);
  const figures = new Map<string, number[]>();
  for (const episode of episodes)
    for (const [name, values] of Object.entries(episode.figures))
      figures.set(name, [...(figures.get(name) ?? []), ...values]);
  const broken = episodes.flatMap((episode) => episode.broken);
  return {
    seeds: reports.map(({ seed }) => seed),
    passed: broken.length === 0,
    seconds: total(({ seconds }) => seconds),
    acknowledged: total(({ operations }) => operations.ok),
    refused: total(({ operations }) => operations.failed),
    unknown: total(({ operations }) => operations.unknown),
    unknownApplied: total(({ unknownApplied }) => unknownApplied),
    events: total(({ events }) => events),
    lost: total(({ lost }) => lost),
    doubled: total(({ doubled }) => doubled),
    deliveries: total(({ deliveries }) => deliveries),
    reconnects: total(({ reconnects }) => reconnects),
    fired: sumOf(episodes.map((episode) => episode.fired)),
    checked: sumOf(episodes.map((episode) => episode.checked)),
    figures: Object.fromEntries(
      [...figures]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, values]) => {
          const sorted = values.toSorted((a, b) => a - b);
          const median = sorted[sorted.length >> 1] ?? 0;
          return [name, { median, most: sorted.at(-1) ?? 0, n: values.length }];
        }),
    ),
    broken,
    skipped: reports.flatMap(({ skipped }) => skipped),
  };
};

const table = (rows: readonly (readonly [string, string | number])[]): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
};

/** The summary for people. */
export const toText = (summary: Summary): string =>
  [
    `seeds ${summary.seeds.join(', ')}; ${summary.seconds} s`,
    table([
      ['operations acknowledged', summary.acknowledged],
      ['refused', summary.refused],
      ['without an answer', `${summary.unknown}, of which took effect ${summary.unknownApplied}`],
      ['events recorded', summary.events],
      ['lost', summary.lost],
      ['doubled', summary.doubled],
      ['live deliveries', `${summary.deliveries} over ${summary.reconnects} reconnects`],
    ]),
    'faults fired',
    table(Object.entries(summary.fired)),
    'checks made',
    table(Object.entries(summary.checked)),
    'figures, ms (median, most, of how many)',
    table(
      Object.entries(summary.figures).map(([name, { median, most, n }]) => [
        name,
        `${median}  ${most}  ${n}`,
      ]),
    ),
    ...(summary.skipped.length > 0
      ? ['skipped', table(summary.skipped.map(({ fault, why }) => [fault, why]))]
      : []),
    ...(summary.broken.length > 0
      ? [
          'BROKEN',
          ...summary.broken.map(({ invariant, what, during }) => `  ${invariant} (${during}): ${what}`),
        ]
      : []),
    summary.passed ? 'passed' : 'FAILED',
  ].join('\n');
