import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { openRelease, type Release } from './cluster/chart.ts';
import { type Manifest, processOf } from './cluster/objects.ts';

let release: Release;

beforeAll(async () => {
  release = await openRelease(inject('cluster'), 'admission');
  await release.install();
  // The API server loads a new policy within a second or so.
  await eventually(async () => (await create(mounting('rookery-token-key'))).status === 403);
});
afterAll(async () => {
  await release?.[Symbol.asyncDispose]();
});

interface PodParts {
  readonly serviceAccountName?: string;
  readonly volumes?: readonly object[];
  readonly container?: object;
  readonly initContainers?: readonly object[];
}

const restricted = {
  image: 'example',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};

/** A pod that the namespace accepts, but for what a test adds. */
const pod = ({ container = {}, ...parts }: PodParts): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'other' },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'main', ...restricted, ...container }],
    ...parts,
  },
});

const mounting = (secretName: string, serviceAccountName = 'default'): Manifest =>
  pod({ serviceAccountName, volumes: [{ name: 'keys', secret: { secretName } }] });

/** Asks for a pod without creating it. */
const create = (object: Manifest) =>
  release.api.send('POST', release.pathOf('/api/v1', 'pods?dryRun=All'), { body: object });

test.each([
  ['rookery-gateway-key', 'gateway'],
  ['rookery-token-key', 'mutation'],
  ['rookery-registry-key', 'registry'],
])('%s is mounted by %s alone', async (secret, owner) => {
  const accounts = ['gateway', 'mutation', 'query', 'recorder', 'projector', 'registry'];
  for (const account of accounts) {
    const { status, body } = await create(mounting(secret, `rookery-${account}`));
    expect(status, account).toBe(account === owner ? 201 : 403);
    if (account !== owner)
      expect(body).toMatchObject({
        message: expect.stringContaining(`only the ${owner} may use the Secret ${secret}`),
      });
  }
});

const secretKeyRef = { name: 'rookery-gateway-key', key: 'internal-key.pem' };
const ways: Readonly<Record<string, PodParts>> = {
  'a projected volume': {
    volumes: [{ name: 'keys', projected: { sources: [{ secret: { name: 'rookery-gateway-key' } }] } }],
  },
  'a variable': { container: { env: [{ name: 'KEY', valueFrom: { secretKeyRef } }] } },
  'all variables of a Secret': { container: { envFrom: [{ secretRef: { name: 'rookery-gateway-key' } }] } },
  'an init container': {
    initContainers: [
      { name: 'first', ...restricted, envFrom: [{ secretRef: { name: 'rookery-gateway-key' } }] },
    ],
  },
};

test.each(Object.keys(ways))('the key of the gateway does not leave by %s', async (way) => {
  expect(await create(pod(ways[way] ?? {}))).toMatchObject({ status: 403 });
});

test('nor by a container that is added to a pod that runs', async () => {
  const running = (await release.pods()).find((each) => processOf(each) === 'query');
  const path = release.pathOf('/api/v1', `pods/${running?.metadata.name}/ephemeralcontainers`);
  const added = { name: 'debug', ...restricted, envFrom: [{ secretRef: { name: 'rookery-gateway-key' } }] };
  const answer = await release.api.send('PATCH', `${path}?dryRun=All`, {
    type: 'application/strategic-merge-patch+json',
    body: { spec: { ephemeralContainers: [added] } },
  });
  expect(answer).toMatchObject({ status: 403 });
});

test('other Secrets and other namespaces are no concern of the policy', async () => {
  expect(await create(mounting('rookery-nats'))).toMatchObject({ status: 201 });
  const elsewhere = await release.api.send('POST', '/api/v1/namespaces/default/pods?dryRun=All', {
    body: mounting('rookery-gateway-key'),
  });
  expect(elsewhere).toMatchObject({ status: 201 });
});

test('the namespace refuses a pod that is not restricted', async () => {
  const answer = await create(pod({ container: { securityContext: { privileged: true } } }));
  expect(answer).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('violates PodSecurity "restricted:latest"') },
  });
});
