import { type Labels, readMetric } from '@rookery/service';

/** Longest wait for a process's metrics, in milliseconds: somebody waits for the command. */
const patience = 2_000;

/** Where the process at this address serves its metrics: on the same host, at a port of their own. */
export const metricsAt = (url: string, port: number): string => {
  const { hostname } = new URL(url);
  return `http://${hostname}:${port}`;
};

/** A metric of a process; undefined where it has no such metric, or does not answer. */
export const metricOf = (origin: string, name: string, labels: Labels): Promise<number | undefined> =>
  readMetric(origin, name, labels, patience).catch(() => undefined);
