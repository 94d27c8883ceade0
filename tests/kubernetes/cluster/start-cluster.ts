import { mkdirSync } from 'node:fs';
import { readCustomResources } from '@rookery/deploy';
import { type ClusterAccess, openApi } from './api.ts';
import type { ClusterBinaries } from './binaries.ts';
import { createAuthority } from './certificates.ts';
import { prepareControlPlane } from './control-plane.ts';
import { createAndWait, define, extendApi } from './define.ts';
import { prepareMetricsServer } from './metrics.ts';
import { nodes, prepareKwok, readUsageDefinition } from './nodes.ts';
import { portsFor, startClusterServer } from './servers.ts';

export interface Cluster extends AsyncDisposable {
  readonly access: ClusterAccess;
}

/**
 * Starts a control plane of Kubernetes as processes on loopback, with nodes that kwok plays, a metrics API, and the custom
 * resources of the chart. Its files and logs are in `dir`.
 */
export const startCluster = async (
  binaries: ClusterBinaries,
  dir: string,
  say: (line: string) => void,
): Promise<Cluster> => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const authority = createAuthority(dir);
  const names = ['etcd', 'etcdPeer', 'api', 'controllers', 'scheduler', 'kwok', 'metrics'] as const;
  const ports = await portsFor(...names);
  const { access, servers } = prepareControlPlane(binaries, ports, dir, authority);
  const { kubeconfig } = access;

  await using starting = new AsyncDisposableStack();
  const start = async (server: (typeof servers)[number]): Promise<void> => {
    const since = performance.now();
    starting.use(await startClusterServer(server, dir));
    say(`${server.name} runs after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
  };
  for (const server of servers) await start(server);

  await using api = openApi(access);
  await define(api, [...readCustomResources(), readUsageDefinition()]);
  const certificate = authority.issue('kwok');
  await start(prepareKwok(binaries.kwok, { port: ports.kwok, dir, kubeconfig, certificate }));
  for (const node of nodes) await createAndWait(api, node, 'Ready');
  await start(prepareMetricsServer(binaries.metricsServer, { port: ports.metrics, kubeconfig, authority }));
  const metrics = { name: 'metrics-server', group: 'metrics.k8s.io', version: 'v1beta1' };
  await extendApi(api, { ...metrics, port: ports.metrics });
  const running = starting.move();
  return { access, [Symbol.asyncDispose]: () => running.disposeAsync() };
};
