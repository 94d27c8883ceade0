/** The parts of Kubernetes' objects that the tests read. */
interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
}

/** An object to create. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [part: string]: unknown;
}

/** An object that the API server returned. */
export interface KubeObject {
  readonly metadata: Metadata;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

export interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly observedGeneration?: number;
  };
}

export interface EndpointSlice extends KubeObject {
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { readonly ready?: boolean };
  }[];
}

export interface Autoscaler extends KubeObject {
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly status: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Returns whether a condition of an object is true. */
export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((each) => each.type === type && each.status === 'True') ?? false;

/** Returns whether a pod serves. */
export const isReady = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && isTrue(pod.status.conditions, 'Ready');

/** Returns the number of addresses of a Service that take requests. */
export const readyEndpoints = ({ endpoints }: EndpointSlice): number =>
  (endpoints ?? []).filter(({ conditions }) => conditions.ready !== false).length;

/** Process of a pod, by the label that the chart gives it. */
export const processOf = ({ metadata }: KubeObject): string =>
  metadata.labels?.['app.kubernetes.io/component'] ?? '';
