import { type Labels, readMetric } from '@rookery/runtime';

/** Maximum wait for the metrics of a process, since a person waits for the command. */
const timeoutMs = 2_000;

/** Returns the address of the metrics of the process at this address: the same host, with a different port. */
export const metricsAt = (url: string, port: number): string => {
  const { hostname } = new URL(url);
  return `http://${hostname}:${port}`;
};

/** Reads a metric of a process; undefined if the process lacks the metric or does not answer. */
export const metricOf = (origin: string, name: string, labels: Labels): Promise<number | undefined> =>
  readMetric(origin, name, labels, timeoutMs).catch(() => undefined);
