import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { SignatureError, verifySupergraph } from '@rookery/registry-protocol';
import type { JSONWebKeySet } from 'jose';
import { expect, test } from 'vitest';
import { startRegistry } from './start-registry.ts';

const sdl = (field: string) => `type Query { ${field}: Int }`;
const keys = async (metricsUrl: string) =>
  (await fetch(`${metricsUrl}/.well-known/registry-keys.json`)).json() as Promise<JSONWebKeySet>;

test('a supergraph is signed by the new key after a rotation, which the published keys verify', async () => {
  await using own = await startRegistry();
  const { body } = await own.publish({ numbers: sdl('rotated') });
  await own.ask('/v1/environments/rotation/promote', { version: body.version, author: 'ada' });
  const path = '/v1/environments/rotation/supergraph';
  const before = await own.ask(path);
  writeFileSync(
    own.keyFile,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  await expect.poll(async () => (await own.ask(path)).text).not.toBe(before.text);
  const { text } = await own.ask(path);
  const { statement } = await verifySupergraph(text, await keys(own.metricsUrl), 'rotation');
  expect(statement.version).toBe(body.version);
  await expect(verifySupergraph(before.text, await keys(own.metricsUrl), 'rotation')).rejects.toThrow(
    SignatureError,
  );
});
