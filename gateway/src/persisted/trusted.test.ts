import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@rookery/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TrustedDocuments } from './trusted.ts';

const known = 'query Known { secret }';
const unknown = 'query Unknown { secret }';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const manifestOf = (...bodies: string[]) =>
  JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: bodies.map((body) => ({ id: sha256(body), name: 'Known', type: 'query', body })),
  });

test('a new manifest comes into force; a broken one does not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-manifest-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'changing.json');
  writeFileSync(file, manifestOf(known));
  const log = createLog('test', 'silent');
  const refused = vi.spyOn(log, 'error');
  await using documents = await TrustedDocuments.load({
    source: file,
    mode: 'ids',
    refreshIntervalMs: 20,
    log,
  });
  expect(documents.text(sha256(known))).toBe(known);
  writeFileSync(file, manifestOf(unknown, 'query More { secret }'));
  await expect.poll(() => documents.text(sha256(unknown))).toBe(unknown);
  expect(documents.text(sha256(known))).toBeUndefined();
  writeFileSync(file, '{"format":');
  await expect.poll(() => refused.mock.lastCall?.[1]).toContain('manifest refused');
  expect(documents.text(sha256(unknown))).toBe(unknown);
  writeFileSync(file, manifestOf(known));
  await expect.poll(() => documents.text(sha256(known))).toBe(known);
});

test('trusted documents come from an address too, asked for again by ETag', async () => {
  let body = manifestOf(known);
  let [asked, unchanged] = [0, 0];
  const server = createServer((request, response) => {
    asked++;
    const etag = `"${sha256(body)}"`;
    if (request.headers['if-none-match'] === etag) {
      unchanged++;
      response.writeHead(304).end();
    } else response.writeHead(200, { etag }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await using documents = await TrustedDocuments.load({
      source: `http://127.0.0.1:${port}/manifest`,
      mode: 'ids',
      refreshIntervalMs: 20,
      log: createLog('test', 'silent'),
    });
    await expect.poll(() => unchanged).toBeGreaterThan(1);
    expect(asked).toBe(unchanged + 1);
    body = manifestOf(unknown);
    await expect.poll(() => documents.text(sha256(unknown))).toBe(unknown);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('trusted documents come from a registry that asks for credentials, which are told nowhere', async () => {
  const shown: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    shown.push(headers['x-api-key']);
    if (headers['x-api-key'] === 'hunter2') response.end(manifestOf(known));
    else response.writeHead(403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const load = (key: string) =>
    TrustedDocuments.load({
      source: `http://127.0.0.1:${port}/`,
      headers: { 'x-api-key': key },
      mode: 'ids',
      log: createLog('test', 'silent'),
    });
  try {
    await using documents = await load('hunter2');
    expect(documents.text(sha256(known))).toBe(known);
    await expect(load('hunter3')).rejects.toThrow(/^the manifest's address answers 403$/);
    expect(shown).toEqual(['hunter2', 'hunter3']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
