import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { sourcesOf } from './binaries.ts';
import type { Certificate } from './certificates.ts';
import type { Manifest } from './objects.ts';
import type { ClusterServer } from './servers.ts';

/** Returns a node on which kwok keeps up the state of pods without running their containers. */
export const nodeOf = (name: string, zone: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone },
    annotations: {
      'kwok.x-k8s.io/node': 'fake',
      'metrics.k8s.io/resource-metrics-path': `/metrics/nodes/${name}/metrics/resource`,
    },
  },
  status: {
    capacity: { cpu: '16', memory: '64Gi', pods: '110' },
    allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
  },
});

/** Nodes in three zones. */
export const nodes: readonly Manifest[] = Array.from({ length: 6 }, (_, i) =>
  nodeOf(`node-${i}`, `zone-${i % 3}`),
);

/** Milliseconds that a stage of a pod takes, with some that vary. */
const delays: Readonly<Record<string, { durationMilliseconds: number; jitterDurationMilliseconds: number }>> =
  {
    'pod-ready': { durationMilliseconds: 1_000, jitterDurationMilliseconds: 3_000 },
    'pod-complete': { durationMilliseconds: 1_000, jitterDurationMilliseconds: 2_000 },
    // The time of preStop and of a graceful stop.
    'pod-delete': { durationMilliseconds: 1_000, jitterDurationMilliseconds: 3_000 },
  };

/** Tag of an image whose pods never become ready. */
export const brokenTag = 'broken';

const notBroken = { key: '.spec.containers.[].image', operator: 'NotIn', values: [`rookery:${brokenTag}`] };

const files = [
  'kustomize/stage/node/fast/node-initialize.yaml',
  'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'kustomize/stage/pod/fast/pod-ready.yaml',
  'kustomize/stage/pod/fast/pod-complete.yaml',
  'kustomize/stage/pod/fast/pod-delete.yaml',
  'kustomize/metrics/resource/metrics-resource.yaml',
];

/** Kinds by which a test sets the use of processor time. */
const usageResource = 'ClusterResourceUsage';

const usageDefinition = 'kustomize/crd/bases/kwok.x-k8s.io_clusterresourceusages.yaml';

/** Returns the definition of the resource by which a test sets the use of processor time, as YAML. */
export const readUsageDefinition = (): string =>
  readFileSync(join(sourcesOf('sigs.k8s.io/kwok'), usageDefinition), 'utf8');

interface Stage {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly delay?: object;
    readonly selector?: { readonly matchExpressions: readonly object[] };
  };
}

/** Returns a stage of kwok's own with our times, and for pods that are not broken. */
const adapted = (stage: Stage): Stage => {
  const { name } = stage.metadata;
  const delay = delays[name];
  if (delay === undefined) return stage;
  const matchExpressions = [
    ...(stage.spec.selector?.matchExpressions ?? []),
    ...(name === 'pod-ready' ? [notBroken] : []),
  ];
  return { ...stage, spec: { ...stage.spec, selector: { matchExpressions }, delay } };
};

/** Prepares kwok in `dir`. Its pods take seconds to become ready and to end, as real ones do. */
export const prepareKwok = (
  command: string,
  { port, dir, kubeconfig, certificate }: KwokOptions,
): ClusterServer => {
  const sources = sourcesOf('sigs.k8s.io/kwok');
  const stages = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(sources, file), 'utf8')).map((document) =>
      adapted(document.toJS() as Stage),
    ),
  );
  const options = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    options: {
      cidr: '10.244.0.0/16',
      nodeIP: '127.0.0.1',
      nodePort: port,
      serverAddress: `127.0.0.1:${port}`,
      tlsCertFile: certificate.cert,
      tlsPrivateKeyFile: certificate.key,
      manageNodesWithAnnotationSelector: 'kwok.x-k8s.io/node=fake',
      nodeLeaseDurationSeconds: 40,
      // kwok does not add its defaults to a file.
      nodeLeaseParallelism: 4,
      nodePlayStageParallelism: 4,
      podPlayStageParallelism: 4,
      podsOnNodeSyncParallelism: 4,
      enableCRDs: [usageResource],
    },
  };
  const config = join(dir, 'kwok.yaml');
  writeFileSync(config, [options, ...stages].map((each) => stringify(each)).join('---\n'));
  return {
    name: 'kwok',
    command,
    args: [`--kubeconfig=${kubeconfig}`, `--config=${config}`],
    health: `https://127.0.0.1:${port}/healthz`,
  };
};

interface KwokOptions {
  readonly port: number;
  readonly dir: string;
  readonly kubeconfig: string;
  readonly certificate: Certificate;
}
