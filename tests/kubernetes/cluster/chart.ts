import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chartDir, kustomizeDir, readManifests } from '@rookery/deploy';
import { until } from '../../support/eventually.ts';
import { type Api, type ClusterAccess, openApi } from './api.ts';
import { type Deployment, type EndpointSlice, isReady, type Pod, readyEndpoints } from './objects.ts';

/** Replicas of each process with the chart's defaults. */
export const defaultReplicas = { gateway: 3, mutation: 2, projector: 2, query: 3, recorder: 2, registry: 1 };

/** Pods with the chart's defaults. */
export const defaultPods = 13;

/** All pods but those of Jobs. */
export const podsOfProcesses = 'pods?labelSelector=!job-name';

/** A cluster that runs, and the tools for it. */
export interface TestCluster {
  readonly access: ClusterAccess;
  /** Path of helm. */
  readonly helm: string;
}

/** A namespace of a test's own, for one release of the chart. */
export interface Release extends AsyncDisposable {
  readonly api: Api;
  readonly namespace: string;
  /** Installs the chart with these values. @returns what helm and the API server warn about */
  install(...set: readonly string[]): Promise<string>;
  /** Upgrades the release to exactly these values. @returns as install */
  upgrade(...set: readonly string[]): Promise<string>;
  /** Upgrades as `upgrade` does. @throws Error if it is not complete after `timeout`, such as 30s */
  upgradeWithin(timeout: string, ...set: readonly string[]): Promise<string>;
  /** Returns to the version before the last. */
  rollback(): Promise<void>;
  uninstall(): Promise<void>;
  /** Returns the path of some objects of the namespace, such as `pods` of `/api/v1`. */
  pathOf(group: string, objects: string): string;
  pods(): Promise<readonly Pod[]>;
  /** Addresses of the Services, of which each process has one. */
  endpoints(): Promise<readonly EndpointSlice[]>;
  deployments(): Promise<readonly Deployment[]>;
  /**
   * Waits until as many pods are ready as there should be, the Services have them, and nothing is left of earlier ones.
   * @param pods those of the defaults if absent
   */
  settled(pods?: number): Promise<readonly Pod[]>;
}

/** Time for which helm waits until everything is ready. */
const readyTimeoutMs = 600_000;

/** Long: pods take seconds on a machine that is busy with the control plane itself. */
const settleMs = 180_000;

/** Opens a namespace that refuses pods that are not restricted, as the guide's does. */
export const openRelease = async ({ access, helm }: TestCluster, namespace: string): Promise<Release> => {
  const api = openApi(access);
  const [base] = readManifests(readFileSync(join(kustomizeDir, 'base/namespace.yaml'), 'utf8'));
  await api.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: base?.metadata.labels ?? {} },
  });
  const home = mkdtempSync(join(tmpdir(), 'rookery-helm-'));
  const env = {
    ...process.env,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
    HOME: home,
  };
  const run = async (...args: readonly string[]): Promise<string> => {
    const all = [...args, '--namespace', namespace, '--kubeconfig', access.kubeconfig];
    const { stderr } = await promisify(execFile)(helm, all, { env, maxBuffer: 64 * 1024 * 1024 });
    return stderr.trim();
  };
  const deploy = (command: string, timeout: string, set: readonly string[]): Promise<string> =>
    run(
      ...[command, 'rookery', chartDir, '--wait', '--timeout', timeout],
      ...set.flatMap((each) => ['--set', each]),
    );
  const pathOf = (group: string, objects: string): string => `${group}/namespaces/${namespace}/${objects}`;
  const pods = () => api.list<Pod>(pathOf('/api/v1', podsOfProcesses));
  const endpoints = () => api.list<EndpointSlice>(pathOf('/apis/discovery.k8s.io/v1', 'endpointslices'));
  // The addresses follow the pods a moment later.
  const served = async () => (await endpoints()).reduce((sum, slice) => sum + readyEndpoints(slice), 0);
  return {
    api,
    namespace,
    install: (...set) => deploy('install', `${readyTimeoutMs}ms`, set),
    upgrade: (...set) => deploy('upgrade', `${readyTimeoutMs}ms`, set),
    upgradeWithin: (timeout, ...set) => deploy('upgrade', timeout, set),
    rollback: async () =>
      void (await run('rollback', 'rookery', '--wait', '--timeout', `${readyTimeoutMs}ms`)),
    uninstall: async () => void (await run('uninstall', 'rookery', '--wait')),
    pathOf,
    pods,
    endpoints,
    deployments: () => api.list<Deployment>(pathOf('/apis/apps/v1', 'deployments')),
    settled: (count = defaultPods) =>
      until(
        `${count} pods of ${namespace} are ready`,
        async () => {
          const all = await pods();
          return all.length === count && all.every(isReady) && (await served()) === count && all;
        },
        settleMs,
      ),
    [Symbol.asyncDispose]: async () => {
      rmSync(home, { recursive: true, force: true });
      await api[Symbol.asyncDispose]();
    },
  };
};
