import { type SettingName, settings, telemetryVariables } from '@rookery/runtime';
import { z } from 'zod';
import { type Manifest, type PodSpec, podsOf, titleOf } from './manifest.ts';

/* Rules for all manifests of this repository, beyond those of an API server. */

export type Rule = (all: readonly Manifest[]) => readonly string[];

type Container = PodSpec['containers'][number];

/** Applies a check to each workload of ours and of the examples. */
const forEachPod =
  (check: (pod: PodSpec, of: Manifest) => readonly string[]): Rule =>
  (all) =>
    all.flatMap((of) => {
      const pod = podsOf(of);
      return pod === undefined ? [] : check(pod, of).map((text) => `${titleOf(of)}: ${text}`);
    });

const forEachContainer = (check: (container: Container, of: Manifest) => readonly string[]): Rule =>
  forEachPod((pod, of) => pod.containers.flatMap((each) => check(each, of)));

const restrictedPod = z.looseObject({
  runAsNonRoot: z.literal(true),
  seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
});
const restrictedContainer = z.looseObject({
  allowPrivilegeEscalation: z.literal(false),
  readOnlyRootFilesystem: z.literal(true),
  capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
});

/** Pods run by the restricted profile, on a read-only file system, without access to the API. */
const isRestricted = forEachPod((pod) => [
  ...(restrictedPod.safeParse(pod.securityContext).success ? [] : ['its pods are not restricted']),
  ...pod.containers.flatMap(({ name, securityContext }) =>
    restrictedContainer.safeParse(securityContext).success ? [] : [`container ${name} is not restricted`],
  ),
  ...(pod.automountServiceAccountToken === false ? [] : ['its pods get a token of the API']),
  ...(pod.enableServiceLinks === false ? [] : ['Kubernetes sets variables that look like settings']),
]);

const hasResources = forEachContainer(({ name, resources: { requests, limits } }) =>
  requests?.cpu !== undefined && requests.memory !== undefined && limits?.memory !== undefined
    ? []
    : [`container ${name} needs requests of CPU and memory, and a limit of memory`],
);

const hasPinnedImage = forEachContainer(({ name, image }) =>
  /:(?!latest)[\w.-]+(@sha256:[0-9a-f]{64})?$|@sha256:[0-9a-f]{64}$/.test(image)
    ? []
    : [`container ${name} has no version: ${image}`],
);

const sleep = z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) });

const isLongRunning = ({ kind }: Manifest) => kind !== 'Job';

const hasProbes = forEachContainer((container, of) =>
  isLongRunning(of)
    ? (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).flatMap((probe) =>
        container[probe] === undefined ? [`container ${container.name} has no ${probe}`] : [],
      )
    : [],
);

/** Environment of a container, with that of its ConfigMaps. */
const environmentOf = (
  container: Container,
  all: readonly Manifest[],
): ReadonlyMap<string, string | undefined> => {
  const data = container.envFrom.flatMap(({ configMapRef }) => {
    const found = all.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name,
    );
    return Object.entries(z.record(z.string(), z.string()).parse(found?.data ?? {}));
  });
  return new Map([...data, ...container.env.map(({ name, value }) => [name, value] as const)]);
};

const ours = (all: readonly Manifest[]): { of: Manifest; pod: PodSpec; container: Container }[] =>
  all.flatMap((of) => {
    const pod = podsOf(of);
    return pod === undefined || of.metadata.labels?.['app.kubernetes.io/name'] !== 'rookery'
      ? []
      : pod.containers.map((container) => ({ of, pod, container }));
  });

/** A pod has the time to stop: what it waits before SIGTERM and SHUTDOWN_TIMEOUT fit before SIGKILL. */
const hasTimeToStop: Rule = (all) =>
  ours(all).flatMap(({ of, pod, container }) => {
    if (!isLongRunning(of)) return [];
    const wait = sleep.safeParse(container.lifecycle);
    if (!wait.success) return [`${titleOf(of)}: it does not wait for balancers before SIGTERM`];
    const timeoutMs = Number(environmentOf(container, all).get('SHUTDOWN_TIMEOUT'));
    const neededMs = wait.data.preStop.sleep.seconds * 1000 + timeoutMs;
    return pod.terminationGracePeriodSeconds * 1000 > neededMs
      ? []
      : [`${titleOf(of)}: SIGKILL after ${pod.terminationGracePeriodSeconds} s, and it needs ${neededMs} ms`];
  });

const given: readonly string[] = ['OTEL_SERVICE_NAME', ...telemetryVariables];

/** The variables of our containers are settings, with values that they accept. */
const setsKnownSettings: Rule = (all) =>
  ours(all).flatMap(({ of, container }) =>
    [...environmentOf(container, all)].flatMap(([name, value]) => {
      if (given.includes(name)) return [];
      if (!Object.hasOwn(settings, name)) return [`${titleOf(of)}: ${name} is no setting`];
      if (value === undefined) return [];
      const { schema } = settings[name as SettingName];
      return schema.safeParse(value).success ? [] : [`${titleOf(of)}: ${name} does not accept ${value}`];
    }),
  );

const projected = z.looseObject({
  projected: z.object({
    sources: z.array(
      z.object({ secret: z.object({ items: z.array(z.object({ key: z.string(), path: z.string() })) }) }),
    ),
  }),
});

/** Every file in /keys that a setting names is mounted, and nothing else is. */
const mountsItsKeys: Rule = (all) =>
  ours(all).flatMap(({ of, pod, container }) => {
    const mounted = pod.volumes.flatMap((volume) => {
      const read = projected.safeParse(volume);
      return read.success
        ? read.data.projected.sources.flatMap(({ secret }) => secret.items.map(({ path }) => path))
        : [];
    });
    const named = new Set(
      [...environmentOf(container, all).values()].flatMap((value) =>
        [...(value ?? '').matchAll(/\/keys\/([\w.-]+)/g)].map(([, file = '']) => file),
      ),
    );
    return [
      ...[...named]
        .filter((file) => !mounted.includes(file))
        .map((file) => `${titleOf(of)}: /keys/${file} is not mounted`),
      ...mounted
        .filter((file) => !named.has(file))
        .map((file) => `${titleOf(of)}: /keys/${file} is mounted for nobody`),
    ];
  });

/** Nobody's address contains a password, which would be in a ConfigMap. */
const hidesPasswords: Rule = (all) =>
  all.flatMap((of) =>
    of.kind === 'ConfigMap' && /:\/\/[^/?@\s]*:[^/?@\s]*@/.test(JSON.stringify(of.data ?? {}))
      ? [`${titleOf(of)}: a password is in an address`]
      : [],
  );

const admission = z.looseObject({
  spec: z.looseObject({
    matchConstraints: z.object({
      resourceRules: z.array(z.object({ resources: z.array(z.string()) })),
    }),
  }),
});

/** A policy on pods has a say on the containers that are added to them later, for debugging, by a resource of their own. */
const seesAddedContainers: Rule = (all) =>
  all.flatMap((of) => {
    if (of.kind !== 'ValidatingAdmissionPolicy') return [];
    const { resourceRules } = admission.parse(of).spec.matchConstraints;
    const resources = resourceRules.flatMap((rule) => rule.resources);
    return resources.includes('pods') && !resources.includes('pods/ephemeralcontainers')
      ? [`${titleOf(of)}: it does not see pods/ephemeralcontainers`]
      : [];
  });

/** Rules for workloads of ours and for the examples of stores. */
export const rules: readonly Rule[] = [isRestricted, hasResources, hasPinnedImage, hasProbes];
/** Rules for what the chart renders. */
export const chartRules: readonly Rule[] = [
  ...rules,
  hasTimeToStop,
  setsKnownSettings,
  mountsItsKeys,
  hidesPasswords,
  seesAddedContainers,
];
