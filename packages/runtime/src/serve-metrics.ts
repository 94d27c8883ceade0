import type { Registry } from './metrics.ts';
import { openMetricsText, openMetricsType, takesOpenMetrics } from './open-metrics.ts';
import { type ListenAddress, type ServedDocuments, serveDocuments } from './serve-documents.ts';

/** Addresses of a process, as http://host:port. */
export interface Listening {
  readonly url: string;
  /** Address of its metrics, served at /metrics. */
  readonly metricsUrl: string;
}

/**
 * Serves the metrics of a process (`/metrics`: Prometheus's text, or OpenMetrics with exemplars for who asks for it) on a separate address, since the clients of
 * the process must not read them.
 * @param more other documents for readers of this address, by path
 * @param resources receives the server; add it first, so that metrics can be read until the end
 * @returns its address, as http://host:port
 */
export const serveMetrics = (
  registry: Registry,
  address: ListenAddress,
  resources: AsyncDisposableStack,
  more: ServedDocuments = {},
): Promise<string> => {
  const metrics = async (accept: string | undefined) =>
    takesOpenMetrics(accept)
      ? { type: openMetricsType, body: await openMetricsText(registry) }
      : { type: registry.contentType, body: await registry.metrics() };
  return serveDocuments({ ...more, '/metrics': metrics }, address, resources);
};
