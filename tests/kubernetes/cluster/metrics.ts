import type { Authority } from './certificates.ts';
import type { ClusterServer } from './servers.ts';

/** metrics-server, which reads the use of processor time from the nodes every ten seconds. */
export const prepareMetricsServer = (
  command: string,
  { port, kubeconfig, authority }: { port: number; kubeconfig: string; authority: Authority },
): ClusterServer => {
  const { cert, key } = authority.issue('metrics-server');
  const args = [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${cert}`,
    `--tls-private-key-file=${key}`,
    `--kubelet-certificate-authority=${authority.cert}`,
    '--kubelet-use-node-status-port',
    '--kubelet-preferred-address-types=InternalIP',
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
  ];
  return { name: 'metrics-server', command, args, health: `https://127.0.0.1:${port}/livez` };
};
