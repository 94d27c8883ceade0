import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const labels = z.record(z.string(), z.string());

/** A Kubernetes object, as far as all have the same form. */
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: labels.optional() }),
});
export type Manifest = z.output<typeof manifest>;

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z
    .array(
      z.looseObject({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }),
    )
    .default([]),
  envFrom: z.array(z.looseObject({ configMapRef: z.object({ name: z.string() }).optional() })).default([]),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  resources: z
    .object({ requests: z.record(z.string(), z.unknown()), limits: z.record(z.string(), z.unknown()) })
    .partial()
    .default({}),
  securityContext: z.looseObject({}).default({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  startupProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
  lifecycle: z.unknown().optional(),
});

const podSpec = z.looseObject({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  enableServiceLinks: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number().default(30),
  securityContext: z.looseObject({}).default({}),
  containers: z.array(container).min(1),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
});
export type PodSpec = z.output<typeof podSpec>;

const workload = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ spec: podSpec }) }),
});

/** Returns the pods of a workload; undefined for other kinds. */
export const podsOf = (of: Manifest): PodSpec | undefined =>
  ['Deployment', 'StatefulSet', 'Job'].includes(of.kind) ? workload.parse(of).spec.template.spec : undefined;

/**
 * Reads the objects of a YAML file.
 * @throws Error if it is no YAML, or an object has no name
 */
export const readManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : [manifest.parse(value)];
  });

/** Name of an object in messages. */
export const titleOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
