import { join } from 'node:path';
import { stringify } from 'yaml';
import { baseValuesFile, fingerprint, kustomizeDir, renderedFromFile } from './layout.ts';
import { type Manifest, readManifests } from './manifest.ts';
import type { DeployTools } from './tools.ts';

/** File of the base, or of a component, in which the objects of a kind are. */
const fileOf: Readonly<Record<string, string>> = {
  ConfigMap: 'base/config.yaml',
  ServiceAccount: 'base/services.yaml',
  Service: 'base/services.yaml',
  Deployment: 'base/deployments.yaml',
  Job: 'base/migration.yaml',
  NetworkPolicy: 'base/network-policies.yaml',
  PodDisruptionBudget: 'base/disruption-budgets.yaml',
  HorizontalPodAutoscaler: 'components/autoscaling/autoscalers.yaml',
  ValidatingAdmissionPolicy: 'components/admission/policy.yaml',
  ValidatingAdmissionPolicyBinding: 'components/admission/policy.yaml',
  HTTPRoute: 'components/gateway-api/route.yaml',
  ScaledObject: 'components/keda/scaled-object.yaml',
  ServiceMonitor: 'components/monitoring/service-monitor.yaml',
  PrometheusRule: 'components/monitoring/rules.yaml',
};

const head = '# Rendered from deploy/helm/rookery by `npm run deploy:generate`; do not edit.\n';
const write = (of: Manifest): string => stringify(of, { aliasDuplicateObjects: false, lineWidth: 0 });

/** Labels and annotations by which helm knows its own. */
const withoutHelm = (of: Manifest): Manifest => {
  const text = JSON.stringify(of, (key, value) =>
    key === 'helm.sh/chart' || key === 'app.kubernetes.io/managed-by' ? undefined : value,
  );
  return JSON.parse(text) as Manifest;
};

/** Returns the files of the base and of its components that are rendered from the chart, by path. */
export const renderBase = ({ renderChart }: DeployTools): ReadonlyMap<string, string> => {
  const files = new Map<string, string[]>();
  for (const of of readManifests(renderChart([baseValuesFile]))) {
    const file = fileOf[of.kind];
    if (file === undefined) throw new Error(`no file of the base takes a ${of.kind}`);
    files.set(file, [...(files.get(file) ?? []), write(withoutHelm(of))]);
  }
  return new Map([
    ...[...files].map(
      ([file, texts]) => [join(kustomizeDir, file), `${head}${texts.join('---\n')}`] as const,
    ),
    [renderedFromFile, `${fingerprint()}\n`] as const,
  ]);
};
