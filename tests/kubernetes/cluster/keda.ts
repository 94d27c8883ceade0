import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, readManifests } from '@rookery/deploy';
import type { Api, ClusterAccess } from './api.ts';
import { type KedaBinaries, sourcesOf } from './binaries.ts';
import { createAuthority } from './certificates.ts';
import { define, extendApi } from './define.ts';
import { type ClusterServer, portsFor, startClusterServer } from './servers.ts';

const namespace = 'keda';

/** Definitions of KEDA's resources that the cluster does not have yet. */
const missingDefinitions = async (api: Api): Promise<string[]> => {
  const present = await api.list<{ metadata: { name: string } }>(
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  );
  const names = new Set(present.map(({ metadata }) => metadata.name));
  return filesBelow(join(sourcesOf('github.com/kedacore/keda/v2'), 'config/crd/bases'))
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => readManifests(text).every(({ metadata }) => !names.has(metadata.name)));
};

/** Starts KEDA's operator and its metrics API as processes on loopback, with their files in `dir`. */
export const startKeda = async (
  binaries: KedaBinaries,
  { api, access, dir }: { api: Api; access: ClusterAccess; dir: string },
): Promise<AsyncDisposable> => {
  await define(api, await missingDefinitions(api));
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const certificates = join(dir, 'certificates');
  mkdirSync(certificates, { recursive: true, mode: 0o700 });
  // KEDA looks for ca.crt, tls.crt and tls.key.
  const { cert, key } = createAuthority(certificates).issue('tls');
  const ports = await portsFor('operatorMetrics', 'probes', 'values', 'adapter', 'adapterMetrics');
  const env = {
    KUBECONFIG: access.kubeconfig,
    WATCH_NAMESPACE: '',
    POD_NAMESPACE: namespace,
    KEDA_CLUSTER_OBJECT_NAMESPACE: namespace,
  };
  const values = `127.0.0.1:${ports.values}`;
  const operator: ClusterServer = {
    name: 'keda-operator',
    command: binaries.operator,
    args: [
      `--metrics-bind-address=127.0.0.1:${ports.operatorMetrics}`,
      `--health-probe-bind-address=127.0.0.1:${ports.probes}`,
      `--metrics-service-bind-address=${values}`,
      `--cert-dir=${certificates}`,
      '--zap-log-level=info',
    ],
    health: `http://127.0.0.1:${ports.probes}/readyz`,
    env,
  };
  const adapter: ClusterServer = {
    name: 'keda-adapter',
    command: binaries.adapter,
    args: [
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.adapter}`,
      `--port=${ports.adapterMetrics}`,
      `--metrics-service-address=${values}`,
      `--lister-kubeconfig=${access.kubeconfig}`,
      `--authentication-kubeconfig=${access.kubeconfig}`,
      `--authorization-kubeconfig=${access.kubeconfig}`,
      `--cert-dir=${certificates}`,
      `--tls-cert-file=${cert}`,
      `--tls-private-key-file=${key}`,
    ],
    health: `https://127.0.0.1:${ports.adapter}/readyz`,
    env,
  };
  await using starting = new AsyncDisposableStack();
  for (const server of [operator, adapter]) starting.use(await startClusterServer(server, dir));
  const external = { name: 'keda-adapter', group: 'external.metrics.k8s.io', version: 'v1beta1' };
  await extendApi(api, { ...external, port: ports.adapter });
  return starting.move();
};
