export type Unit = 'seconds' | 'bytes' | 'count' | 'perSecond' | 'ratio';

/** One line or group of lines of a panel. */
export interface Query {
  /** PromQL in which `$window` is the time over which rates are computed. */
  readonly expr: string;
  /** Name of each line; `{{label}}` is replaced by the value of a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** Help for the reader: what is good, and what to look at next. */
  readonly about: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
}

interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A dashboard, from which the one of Grafana and the page of `npm start -- --observe` are made. */
export interface Dashboard {
  /** Kebab case; the name of its file and its address. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly sections: readonly Section[];
}

/** Returns the queries for quantiles of a histogram, by one label or over all. */
export const quantiles = (
  histogram: string,
  label: string | undefined,
  of: readonly number[] = [0.5, 0.99],
): Query[] =>
  of.map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${['le', label].filter(Boolean).join(', ')}) (rate(${histogram}_bucket[$window])))`,
    legend: `p${quantile * 100}${label === undefined ? '' : ` {{${label}}}`}`,
  }));

/** Returns the query that aggregates an expression by labels, whose values are the names of the lines. */
export const by = (
  aggregation: 'sum' | 'min' | 'max' | 'count',
  expr: string,
  ...labels: readonly string[]
): Query => ({
  expr: `${aggregation} by (${labels.join(', ')}) (${expr})`,
  legend: labels.map((label) => `{{${label}}}`).join(' '),
});

/** Returns the query for the rate of a counter by labels. */
export const rateBy = (counter: string, ...labels: readonly string[]): Query =>
  by('sum', `rate(${counter}[$window])`, ...labels);
