/** A metric as docs/reference/metrics.md lists it. A test compares that page with what the processes expose. */
export interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** Labels that the metric chooses; `process` comes on top, and `le` in the buckets of a histogram. */
  readonly labels: readonly string[];
}

/** Reads the tables of docs/reference/metrics.md. A metric of several processes has one row for each, which are alike. */
export const readMetricsTable = (markdown: string): ReadonlyMap<string, Metric> =>
  new Map(
    [...markdown.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram|summary) \| \w* \| ([^|]*) \|/gm)].map(
      ([, name = '', type, labels = '']) => [
        name,
        {
          type: type as Metric['type'],
          labels: [...labels.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''),
        },
      ],
    ),
  );

/** A series that an expression can select. */
export interface Series {
  readonly labels: ReadonlySet<string>;
  /** True if it only rises, so that its rate has a meaning. */
  readonly isCounter: boolean;
}

/** Labels that Prometheus or the registry of a process adds. */
const added = ['process', 'instance', 'job'];

const series = (labels: readonly string[], isCounter: boolean): Series => ({
  labels: new Set([...labels, ...added]),
  isCounter,
});

/** Series that Prometheus makes itself. */
const ofPrometheus: readonly (readonly [string, Series])[] = [
  ['up', series([], false)],
  ['ALERTS', { labels: new Set(['alertname', 'alertstate', 'severity']), isCounter: false }],
];

/** Returns the series of all metrics by name: a histogram has three. */
export const seriesOf = (metrics: ReadonlyMap<string, Metric>): ReadonlyMap<string, Series> =>
  new Map([
    ...ofPrometheus,
    ...[...metrics].flatMap(([name, { type, labels }]): [string, Series][] =>
      type === 'histogram'
        ? [
            [`${name}_bucket`, series([...labels, 'le'], true)],
            [`${name}_sum`, series(labels, true)],
            [`${name}_count`, series(labels, true)],
          ]
        : [[name, series(labels, type === 'counter')]],
    ),
  ]);
