import { Histogram, type HistogramConfiguration, type LabelValues } from 'prom-client';
import { isSampled } from './span.ts';

/** The trace of one observation of a bucket, the last one that was sampled. */
interface Exemplar {
  readonly traceId: string;
  readonly value: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

const keyOf = (labels: Readonly<Record<string, unknown>>, bound: string): string =>
  JSON.stringify([bound, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);

/**
 * A histogram whose buckets lead to traces. prom-client has exemplars only for registries that speak nothing but OpenMetrics, which
 * change the names of counters.
 */
export class TracedHistogram<T extends string = string> extends Histogram<T> {
  readonly #bounds: readonly number[];
  /** As many as the histogram has buckets at most. */
  readonly #exemplars = new Map<string, Exemplar>();

  constructor(configuration: HistogramConfiguration<T> & { readonly buckets: number[] }) {
    super(configuration);
    this.#bounds = configuration.buckets;
  }

  /** @param traceparent of the trace in which the value was measured */
  observeTraced(labels: LabelValues<T>, value: number, traceparent: string | undefined): void {
    this.observe(labels, value);
    if (traceparent === undefined || !isSampled(traceparent)) return;
    const bound = this.#bounds.find((each) => value <= each);
    const exemplar = { traceId: traceparent.slice(3, 35), value, at: Date.now() };
    this.#exemplars.set(keyOf(labels, bound === undefined ? '+Inf' : String(bound)), exemplar);
  }

  /** Returns the exemplar of one bucket; `bound` is its label `le`. */
  exemplarOf(labels: Readonly<Record<string, unknown>>, bound: string): Exemplar | undefined {
    return this.#exemplars.get(keyOf(labels, bound));
  }
}
