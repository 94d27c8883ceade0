import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { freePort } from '@rookery/stack';
import type { Api } from './api.ts';
import { createAuthority } from './certificates.ts';
import { extendApi } from './define.ts';
import { isReady, type Pod } from './objects.ts';

const group = 'custom.metrics.k8s.io';
const version = 'v1beta2';

/** An API of custom metrics that serves what a test sets, in the place of an adapter for Prometheus. */
export interface CustomMetrics extends AsyncDisposable {
  /** Sets the sum of the metric, of which each pod that is ready has an equal share. */
  set(sum: number): void;
}

/** Path of a metric of the pods that a selector matches. */
const asked = /\/namespaces\/([^/]+)\/pods\/\*\/([^/?]+)/;

/** Starts it, for one metric of pods. */
export const startCustomMetrics = async (
  api: Api,
  { metric, dir }: { metric: string; dir: string },
): Promise<CustomMetrics> => {
  let sum = 0;
  const answer = async (url: URL): Promise<object> => {
    const [, namespace, name] = asked.exec(decodeURIComponent(url.pathname)) ?? [];
    const apiVersion = `${group}/${version}`;
    if (namespace === undefined || name !== metric)
      return {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: apiVersion,
        resources: [{ name: `pods/${metric}`, namespaced: true, kind: 'MetricValueList', verbs: ['get'] }],
      };
    const selector = encodeURIComponent(url.searchParams.get('labelSelector') ?? '');
    const pods = await api.list<Pod>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
    const share = Math.round((sum / Math.max(1, pods.filter(isReady).length)) * 1_000);
    const items = pods.map((pod) => ({
      describedObject: { kind: 'Pod', namespace, name: pod.metadata.name, apiVersion: '/v1' },
      metric: { name },
      timestamp: new Date().toISOString(),
      value: isReady(pod) ? `${share}m` : '0',
    }));
    return { kind: 'MetricValueList', apiVersion, metadata: {}, items };
  };
  const { cert, key } = createAuthority(dir).issue('custom-metrics');
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    answer(new URL(request.url ?? '/', 'https://localhost')).then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await extendApi(api, { name: 'custom-metrics', group, version, port });
  return {
    set: (next) => {
      sum = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
