import { type SettingName, settings, telemetryVariables } from '@rookery/runtime';
import { z } from 'zod';
import { derivedSettings, isSecret, storeSettings, unusedSettings } from './processes.ts';

/* The schema of the chart's values. values.schema.json is made from it, and values.yaml documents it. */

const count = z.int().min(0).max(10_000);
const quantity = z.string().regex(/^[0-9.]+(m|k|M|G|Ki|Mi|Gi)?$/);
const port = z.int().min(1).max(65_535);
/** An object that Kubernetes checks. */
const anything = z.record(z.string(), z.unknown());
const labels = z.record(z.string(), z.string());

const image = z.strictObject({
  repository: z.string().min(1),
  tag: z.string(),
  digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
});

const numbers = z.strictObject({
  cpu: z.union([quantity, z.number()]).optional(),
  memory: quantity.optional(),
  'ephemeral-storage': quantity.optional(),
});

const processValues = {
  replicas: count,
  resources: z.strictObject({ requests: numbers, limits: numbers }),
  image: image.partial().optional(),
  nodeSelector: labels.optional(),
  tolerations: z.array(anything).optional(),
  affinity: anything.optional(),
  priorityClassName: z.string().optional(),
  podAnnotations: labels.optional(),
  env: z.array(anything).optional(),
  volumes: z.array(anything).optional(),
  volumeMounts: z.array(anything).optional(),
  maxUnavailable: z.union([z.int().min(1), z.string().regex(/^[1-9][0-9]?%$/)]).optional(),
};

/** As long as Kubernetes allows. */
const scaleDownWindowSeconds = z.int().min(0).max(3_600);

const autoscaling = {
  enabled: z.boolean(),
  minReplicas: z.int().min(1),
  maxReplicas: z.int().min(1),
  cpuPercent: z.int().min(10).max(100),
  scaleDownWindowSeconds,
};

const store = z.strictObject({
  // A password in an address would be in a ConfigMap, for all to read.
  url: z.string().refine((url) => !hasPassword.test(url), 'no password: it comes from the credentials'),
  credentials: z.strictObject({ secretName: z.string(), key: z.string().min(1) }),
  port,
  peers: z.array(anything),
});
const hasPassword = /:\/\/[^/?@]*:[^/?@]*@/;

/** Settings that values may set, and what JSON Schema can say of each. */
const settingValues = (): z.ZodType => {
  const free = (Object.keys(settings) as SettingName[]).filter(
    (name) =>
      !(name in unusedSettings) &&
      !derivedSettings.includes(name) &&
      !(name in storeSettings) &&
      !isSecret(name),
  );
  const shape = Object.fromEntries([
    ...free.map((name) => {
      const { schema, about } = settings[name];
      return [name, (schema instanceof z.ZodEnum ? schema : z.string()).optional().describe(about)];
    }),
    ...telemetryVariables.flatMap((name) =>
      isSecret(name) ? [] : [[name, z.string().optional().describe('a standard variable of OpenTelemetry')]],
    ),
  ]);
  return z.strictObject(shape as Record<string, z.ZodType>);
};

const storeValues = Object.fromEntries(Object.values(storeSettings).map((name) => [name, store]));
const names = ['gateway', 'mutation', 'query', 'recorder', 'projector', 'registry'] as const;

export const chartValues = z.strictObject({
  image,
  imagePullSecrets: z.array(z.strictObject({ name: z.string() })),
  settings: settingValues(),
  settingsSecret: z.string(),
  stores: z.strictObject(storeValues),
  keys: z.strictObject({
    create: z.boolean(),
    gateway: z.string(),
    token: z.string(),
    cursor: z.string(),
    registry: z.string(),
    registryPublic: z.string(),
  }),
  shutdown: z.strictObject({ timeoutMs: z.int().min(100).max(60_000), preStopSeconds: count }),
  topologySpread: z.strictObject({
    zone: z.enum(['', 'ScheduleAnyway', 'DoNotSchedule']),
    node: z.enum(['', 'ScheduleAnyway', 'DoNotSchedule']),
  }),
  argoSyncWaves: z.boolean(),
  gateway: z.strictObject({
    ...processValues,
    autoscaling: z.strictObject({ ...autoscaling, subscriptions: z.int().min(0) }),
    tlsSecretName: z.string(),
  }),
  mutation: z.strictObject({ ...processValues, autoscaling: z.strictObject(autoscaling) }),
  query: z.strictObject({ ...processValues, autoscaling: z.strictObject(autoscaling) }),
  recorder: z.strictObject(processValues),
  projector: z.strictObject({
    ...processValues,
    keda: z.strictObject({
      enabled: z.boolean(),
      minReplicas: z.int().min(1),
      maxReplicas: z.int().min(1),
      monitoringEndpoint: z.string(),
      account: z.string(),
      lagThreshold: z.int().min(1),
      scaleDownWindowSeconds,
    }),
  }),
  registry: z.strictObject({
    ...processValues,
    enabled: z.boolean(),
    serveSupergraph: z.boolean(),
    webhooks: z.boolean(),
  }),
  migration: z.strictObject({ enabled: z.boolean(), hook: z.boolean() }),
  serviceAccount: z.strictObject({ annotations: labels }),
  route: z.strictObject({
    enabled: z.boolean(),
    parentRefs: z.array(anything),
    hostnames: z.array(z.string()),
    paths: z.array(z.string().regex(/^\//)).min(1),
  }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    gatewayFrom: z.array(anything),
    registryFrom: z.array(anything),
    metricsFrom: z.array(anything),
    egress: z.strictObject(
      Object.fromEntries(['all', ...names].map((name) => [name, z.array(anything)])) as Record<
        string,
        z.ZodType
      >,
    ),
  }),
  admissionPolicy: z.strictObject({ enabled: z.boolean() }),
  monitoring: z.strictObject({
    serviceMonitor: z.strictObject({ enabled: z.boolean(), interval: z.string(), labels }),
    prometheusRule: z.strictObject({ enabled: z.boolean(), labels }),
    dashboards: z.strictObject({ enabled: z.boolean(), labels }),
  }),
});

/** Returns values.schema.json. */
export const chartSchema = (): object => {
  const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input', reused: 'ref' });
  const text = JSON.stringify(schema, undefined, 2);
  // zod does not translate refinements.
  return JSON.parse(text, (key, value) =>
    key === 'url' && value.type === 'string' ? { ...value, not: { pattern: hasPassword.source } } : value,
  );
};
