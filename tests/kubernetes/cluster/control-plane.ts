import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterAccess } from './api.ts';
import type { ClusterBinaries } from './binaries.ts';
import type { Authority } from './certificates.ts';
import type { ClusterServer } from './servers.ts';

export interface ControlPlane {
  readonly access: ClusterAccess;
  /** In the order in which they start. */
  readonly servers: readonly ClusterServer[];
}

type Ports = Readonly<Record<'etcd' | 'etcdPeer' | 'api' | 'controllers' | 'scheduler', number>>;

const flags = (all: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(all).map(([name, value]) => `--${name}=${value}`);

const etcd = (command: string, ports: Ports, dir: string): ClusterServer => {
  const [client, peer] = [`http://127.0.0.1:${ports.etcd}`, `http://127.0.0.1:${ports.etcdPeer}`];
  const args = flags({
    'data-dir': join(dir, 'etcd/data'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'unsafe-no-fsync': true,
    'log-level': 'warn',
  });
  return { name: 'etcd', command, args, health: `${client}/health` };
};

const apiServer = (command: string, ports: Ports, dir: string, authority: Authority): ClusterServer => {
  const serving = authority.issue('kube-apiserver');
  const proxy = authority.issue('front-proxy');
  const args = flags({
    'etcd-servers': `http://127.0.0.1:${ports.etcd}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': ports.api,
    'tls-cert-file': serving.cert,
    'tls-private-key-file': serving.key,
    'client-ca-file': authority.cert,
    'token-auth-file': join(dir, 'tokens.csv'),
    'authorization-mode': 'Node,RBAC',
    // As clusters have it: the namespace's profile refuses such pods.
    'allow-privileged': true,
    'service-cluster-ip-range': '10.96.0.0/16',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(dir, 'service-accounts.pem'),
    'service-account-signing-key-file': join(dir, 'service-accounts.pem'),
    // API servers of others, such as that of metrics, trust the users that this one names.
    'requestheader-client-ca-file': authority.cert,
    'requestheader-allowed-names': 'front-proxy',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': proxy.cert,
    'proxy-client-key-file': proxy.key,
    // An address on loopback is no valid endpoint of the Service `kubernetes`.
    'endpoint-reconciler-type': 'none',
    profiling: false,
  });
  const health = `https://127.0.0.1:${ports.api}/readyz`;
  return { name: 'kube-apiserver', command, args, health };
};

/** Writes a kubeconfig, as JSON, which is YAML as well. */
const writeKubeconfig = (file: string, { url, caFile, token }: Omit<ClusterAccess, 'kubeconfig'>): void => {
  const caData = readFileSync(caFile).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': caData } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
};

/** Prepares the files of a control plane in `dir`, and returns its servers. */
export const prepareControlPlane = (
  binaries: ClusterBinaries,
  ports: Ports,
  dir: string,
  authority: Authority,
): ControlPlane => {
  const token = randomBytes(32).toString('hex');
  writeFileSync(join(dir, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(dir, 'service-accounts.pem'), pem, { mode: 0o600 });

  const kubeconfig = join(dir, 'kubeconfig.json');
  const reach = { url: `https://127.0.0.1:${ports.api}`, caFile: authority.cert, token };
  writeKubeconfig(kubeconfig, reach);
  const controllers: ClusterServer = {
    name: 'kube-controller-manager',
    command: binaries.controllerManager,
    args: flags({
      kubeconfig,
      'bind-address': '127.0.0.1',
      'secure-port': ports.controllers,
      'root-ca-file': authority.cert,
      'service-account-private-key-file': join(dir, 'service-accounts.pem'),
      'use-service-account-credentials': true,
      'leader-elect': false,
    }),
    health: `https://127.0.0.1:${ports.controllers}/healthz`,
  };
  const scheduler: ClusterServer = {
    name: 'kube-scheduler',
    command: binaries.scheduler,
    args: flags({
      kubeconfig,
      'bind-address': '127.0.0.1',
      'secure-port': ports.scheduler,
      'leader-elect': false,
    }),
    health: `https://127.0.0.1:${ports.scheduler}/healthz`,
  };
  return {
    access: { ...reach, kubeconfig },
    servers: [
      etcd(binaries.etcd, ports, dir),
      apiServer(binaries.apiServer, ports, dir, authority),
      controllers,
      scheduler,
    ],
  };
};
