import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type TestGateway } from './world/gateway.ts';

let dir: string;
let gateway: TestGateway;
const file = (name: string) => join(dir, name);

/** A self-signed certificate, as openssl makes it. */
const makePair = (name: string): void => {
  execFileSync(
    'openssl',
    // biome-ignore format: one option with its value on a line is no easier to read
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
    { stdio: 'ignore' },
  );
};
const use = (name: string): void => {
  copyFileSync(file(`${name}.crt`), file('used.crt'));
  copyFileSync(file(`${name}.key`), file('used.key'));
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), `tls-${randomBytes(4).toString('hex')}-`));
  for (const name of ['first', 'second']) makePair(name);
  use('first');
  gateway = await startGateway({
    options: { tls: { certFile: file('used.crt'), keyFile: file('used.key') } },
  });
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const insecure = { rejectUnauthorized: false };
const body = JSON.stringify({ query: '{ secret }' });

const overHttp1 = () =>
  new Promise<{ version: string; text: string; certificate: PeerCertificate }>((resolve, reject) => {
    const asked = request(
      `${gateway.url}/graphql`,
      { ...insecure, method: 'POST', agent: false, headers: { 'content-type': 'application/json' } },
      async (response) => {
        const certificate = (response.socket as TLSSocket).getPeerCertificate();
        resolve({ version: response.httpVersion, text: await text(response), certificate });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });

const overHttp2 = async (session: ClientHttp2Session): Promise<string> => {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/graphql',
    'content-type': 'application/json',
  });
  stream.end(body);
  return text(stream);
};

test('HTTP/1.1, HTTP/2 and WebSocket on one port', async () => {
  expect(gateway.url).toMatch(/^https:/);
  const answer = '{"data":{"secret":"shown"}}';
  expect(await overHttp1()).toMatchObject({ version: '1.1', text: answer });

  const session = connect(gateway.url, insecure);
  const answers = await Promise.all(Array.from({ length: 20 }, () => overHttp2(session)));
  expect(answers).toEqual(Array.from({ length: 20 }, () => answer));
  expect(session.alpnProtocol).toBe('h2');
  session.close();

  const socket = new WebSocket(`${gateway.url.replace('https', 'wss')}/graphql`, 'graphql-transport-ws', {
    ...insecure,
    origin: gateway.url,
  });
  const messages: string[] = [];
  const answered = new Promise<void>((resolve) =>
    socket.on('message', (data) => {
      messages.push(String(data));
      if (messages.length === 3) resolve();
    }),
  );
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('{"type":"connection_init"}');
  socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ secret }"}}');
  await answered;
  expect(messages[1]).toContain(answer);
  socket.terminate();
});

test('nothing older than TLS 1.2 is spoken, and no HTTP', async () => {
  const { port } = new URL(gateway.url);
  const old = connectTls({ ...insecure, port: Number(port), maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
  await expect(
    new Promise((resolve, reject) => {
      old.once('secureConnect', resolve);
      old.once('error', reject);
    }),
  ).rejects.toThrow();
  await expect(fetch(gateway.url.replace('https', 'http'))).rejects.toThrow();
});

test('a new certificate is taken over without a restart, and a broken one is not', async () => {
  const subject = async () => (await overHttp1()).certificate.subject.CN;
  expect(await subject()).toBe('first');
  const open = connect(gateway.url, insecure);
  await overHttp2(open);
  use('second');
  await expect.poll(subject, { timeout: 10_000, interval: 100 }).toBe('second');
  // Connections that are open stay.
  expect(await overHttp2(open)).toContain('shown');
  open.close();

  writeFileSync(file('used.crt'), 'no certificate');
  await expect.poll(() => gateway.log(), { timeout: 10_000 }).toContain('certificate refused');
  expect(await subject()).toBe('second');
  expect(new X509Certificate((await overHttp1()).certificate.raw).subject).toBe('CN=second');
});

test('a stop ends idle connections at once', async () => {
  use('first');
  const own = await startGateway({
    options: { tls: { certFile: file('used.crt'), keyFile: file('used.key') } },
  });
  const session = connect(own.url, insecure);
  session.on('error', () => {});
  await overHttp2(session);
  const idle = connectTls({ ...insecure, port: Number(new URL(own.url).port), ALPNProtocols: ['http/1.1'] });
  idle.on('error', () => {});
  await new Promise((resolve) => idle.once('secureConnect', resolve));
  const closed = Promise.all(
    [session, idle].map((each) => new Promise((resolve) => each.once('close', resolve))),
  );
  const before = performance.now();
  await own.stop();
  await closed;
  expect(performance.now() - before).toBeLessThan(3_000);
  await own[Symbol.asyncDispose]();
});
