import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWithGo, cloneDir, downloadGoModule } from '@rookery/stack';

const source = join(cloneDir, 'tests/kubernetes/servers');

/** Paths of the servers of a cluster. */
export interface ClusterBinaries {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kwok: string;
  readonly metricsServer: string;
}

const packages = [
  'go.etcd.io/etcd/server/v3',
  'k8s.io/kubernetes/cmd/kube-apiserver',
  'k8s.io/kubernetes/cmd/kube-controller-manager',
  'k8s.io/kubernetes/cmd/kube-scheduler',
  'sigs.k8s.io/kwok/cmd/kwok',
  'sigs.k8s.io/metrics-server/cmd/metrics-server',
];

/** Kubernetes built from a module says that it is version 0.0.0, which the chart refuses. */
const readVersion = (): Readonly<Record<string, string>> => {
  const [, version] = /\sk8s\.io\/kubernetes (v\S+)/.exec(readFileSync(join(source, 'go.mod'), 'utf8')) ?? [];
  if (version === undefined) throw new Error('go.mod has no version of Kubernetes');
  return { 'k8s.io/component-base/version.gitVersion': version };
};

const build = async (
  name: string,
  which: readonly string[],
  say: (line: string) => void,
): Promise<(command: string) => string> => {
  const dir = await buildWithGo({ name, source, packages: which, variables: readVersion(), say });
  if (dir === undefined) throw new Error(`Go is needed to build ${name}: install Go 1.26.4 or later`);
  return (command) => join(dir, command);
};

/**
 * Builds the servers once, which takes 20 minutes on a busy machine.
 * @throws Error if this machine has no Go
 */
export const buildClusterBinaries = async (say: (line: string) => void): Promise<ClusterBinaries> => {
  const path = await build('kubernetes', packages, say);
  return {
    etcd: path('server'),
    apiServer: path('kube-apiserver'),
    controllerManager: path('kube-controller-manager'),
    scheduler: path('kube-scheduler'),
    kwok: path('kwok'),
    metricsServer: path('metrics-server'),
  };
};

/** Paths of the parts of KEDA. */
export interface KedaBinaries {
  readonly operator: string;
  readonly adapter: string;
}

/** Builds KEDA once. @throws Error like `buildClusterBinaries` */
export const buildKeda = async (say: (line: string) => void): Promise<KedaBinaries> => {
  const commands = 'github.com/kedacore/keda/v2/cmd';
  const path = await build('keda', [`${commands}/operator`, `${commands}/adapter`], say);
  return { operator: path('operator'), adapter: path('adapter') };
};

/** Returns the folder of the sources of a module that the servers are built from. */
export const sourcesOf = (module: string): string => downloadGoModule(module, source);
