import type { Registry } from 'prom-client';
import { labelsIn } from './read-metrics.ts';
import { TracedHistogram } from './traced-histogram.ts';

/** Media type of https://github.com/prometheus/OpenMetrics. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Returns whether a scraper reads OpenMetrics, as Prometheus does. */
export const takesOpenMetrics = (accept: string | undefined): boolean =>
  accept?.includes('application/openmetrics-text') ?? false;

const withExemplar = (line: string, histograms: ReadonlyMap<string, TracedHistogram>): string => {
  const [, name = '', text = ''] = /^(\w+)_bucket\{(.*)\} /s.exec(line) ?? [];
  const histogram = histograms.get(name);
  if (histogram === undefined) return line;
  // The label `process` is the registry's own.
  const { le = '', process: _, ...labels } = labelsIn(text);
  const exemplar = histogram.exemplarOf(labels, le);
  if (exemplar === undefined) return line;
  return `${line} # {trace_id="${exemplar.traceId}"} ${exemplar.value} ${exemplar.at / 1_000}`;
};

/**
 * Returns the metrics of a registry in OpenMetrics, with the exemplars of its histograms. The samples have the same names as in the format of
 * Prometheus: a counter is called without its `_total` in the lines about it alone.
 */
export const openMetricsText = async (registry: Registry): Promise<string> => {
  const text = await registry.metrics();
  const counters = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name = '']) => name));
  const histograms = new Map(
    registry
      .getMetricsAsArray()
      .flatMap((metric) => (metric instanceof TracedHistogram ? [[metric.name, metric] as const] : [])),
  );
  const about = (line: string): string => {
    const [, what = '', name = '', rest = ''] = /^# (\w+) (\S+) ?(.*)$/s.exec(line) ?? [];
    if (!counters.has(name)) return line;
    if (name.endsWith('_total')) return `# ${what} ${name.slice(0, -'_total'.length)} ${rest}`;
    return what === 'TYPE' ? `# TYPE ${name} unknown` : line;
  };
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.startsWith('# ') ? about(line) : withExemplar(line, histograms)));
  return `${lines.join('\n')}\n# EOF\n`;
};
