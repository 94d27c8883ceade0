import type { Left, MatrixReport } from './matrix.ts';
import type { EpisodeReport } from './run.ts';

export interface Summary {
  readonly seeds: readonly number[];
  /** Systems that were started, each for some of the faults. */
  readonly systems: number;
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
  /** Fault → how often it said that it took effect. */
  readonly fired: Readonly<Record<string, number>>;
  /** Fault → how often it was brought about. */
  readonly scheduled: Readonly<Record<string, number>>;
  /** Invariant → how many checks were made. */
  readonly checked: Readonly<Record<string, number>>;
  /** Name → milliseconds. */
  readonly figures: Readonly<
    Record<string, { readonly median: number; readonly most: number; readonly n: number }>
  >;
  readonly broken: EpisodeReport['broken'];
  readonly skipped: readonly Left[];
  readonly notRun: readonly Left[];
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
  const notRun = reports.flatMap((report) => report.notRun);
  return {
    seeds: [...new Set(reports.map(({ seed }) => seed))],
    systems: episodes.length,
    passed: broken.length === 0 && notRun.length === 0,
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
    scheduled: sumOf(episodes.map(({ scheduled }) => sumOf(scheduled.map((name) => ({ [name]: 1 }))))),
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
    notRun,
  };
};

const table = (rows: readonly (readonly [string, string | number])[]): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, n) => total + n, 0);

/** The totals, as they stand in both forms of the report. */
const totals = (summary: Summary): (readonly [string, string | number])[] => [
  ['systems', summary.systems],
  ['faults', `${sum(summary.scheduled)} of ${Object.keys(summary.scheduled).length} kinds`],
  ['operations acknowledged', summary.acknowledged],
  ['refused', summary.refused],
  ['without an answer to the end', `${summary.unknown}, of which ${summary.unknownApplied} had taken effect`],
  ['events recorded', summary.events],
  ['lost', summary.lost],
  ['doubled', summary.doubled],
  ['live deliveries', `${summary.deliveries} over ${summary.reconnects} reconnects`],
  ['checks made', sum(summary.checked)],
];

const left = (title: string, some: readonly Left[]): string[] =>
  some.length === 0 ? [] : [title, table(some.map(({ fault, why }) => [fault, why.split('\n')[0] ?? '']))];

/** The summary for people. */
export const toText = (summary: Summary): string =>
  [
    `seeds ${summary.seeds.join(', ')}; ${summary.seconds} s`,
    table(totals(summary)),
    'faults: how often each took effect',
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
    ...left('skipped', summary.skipped),
    ...left('could not run', summary.notRun),
    ...(summary.broken.length > 0
      ? [
          'BROKEN',
          ...summary.broken.map(({ invariant, what, during }) => `  ${invariant} (${during}): ${what}`),
        ]
      : []),
    summary.passed ? 'passed' : 'FAILED',
  ].join('\n');

const markdownTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** The summary as the tables of docs/explanation/measurements.md. */
export const toMarkdown = (summary: Summary): string =>
  [
    `Seeds ${summary.seeds.join(', ')}: ${Math.round(summary.seconds / 60)} minutes.`,
    markdownTable(['', ''], totals(summary)),
    markdownTable(
      ['fault', 'times', 'flows again after ms: median', 'most'],
      Object.entries(summary.scheduled).map(([name, times]) => {
        const { median, most } = summary.figures[`recovery after ${name}`] ?? {};
        return [name, times, median ?? '', most ?? ''];
      }),
    ),
    markdownTable(
      ['figure, ms', 'median', 'most', 'of'],
      Object.entries(summary.figures)
        .filter(([name]) => !name.startsWith('recovery after '))
        .map(([name, { median, most, n }]) => [name, median, most, n]),
    ),
    markdownTable(['checked', 'times'], Object.entries(summary.checked)),
    ...(summary.broken.length > 0
      ? [
          summary.broken
            .map(({ invariant, what, during }) => `- ${invariant} (${during}): ${what}`)
            .join('\n'),
        ]
      : []),
  ].join('\n\n');
