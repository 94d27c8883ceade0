import { readManifests } from '@rookery/deploy';
import { until } from '../../support/eventually.ts';
import type { Api } from './api.ts';
import { isTrue, type KubeObject, type Manifest } from './objects.ts';

interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: Parameters<typeof isTrue>[0] };
}

/** Creates an object that is there once a condition of it is true, and waits for that. */
export const createAndWait = async (api: Api, object: Manifest, condition: string): Promise<void> => {
  await api.create(object);
  const path = `${await api.pathOf(object)}/${object.metadata.name}`;
  await until(`${object.metadata.name} is ${condition}`, async () =>
    isTrue((await api.get<WithConditions>(path)).status?.conditions, condition),
  );
};

/** Creates definitions of custom resources, and waits until the API server serves them. */
export const define = async (api: Api, texts: readonly string[]): Promise<void> => {
  for (const definition of texts.flatMap(readManifests)) await createAndWait(api, definition, 'Established');
};

/**
 * Lets the API server pass a group of its API on to a server on loopback. The Service has a name instead of endpoints, because
 * no endpoint may be on loopback.
 */
export const extendApi = async (
  api: Api,
  { name, group, version, port }: { name: string; group: string; version: string; port: number },
): Promise<void> => {
  const namespace = 'kube-system';
  await api.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  });
  const service: Manifest = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      ...{ group, version, groupPriorityMinimum: 100, versionPriority: 100 },
      insecureSkipTLSVerify: true,
      service: { name, namespace, port },
    },
  };
  await createAndWait(api, service, 'Available');
};
