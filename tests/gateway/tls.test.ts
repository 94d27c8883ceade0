import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { payloads, readMultipart } from '../support/clients/multipart.ts';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import {
  type Certificates,
  certificates,
  insecure,
  openHttp2,
  overHttp1,
  overHttp2,
  streamHttp2,
} from '../support/gateway/tls.ts';
import { startStopwatch } from '../support/stopwatch.ts';

let pairs: Certificates;
let gateway: TestGateway;

beforeAll(async () => {
  pairs = certificates('first', 'second');
  gateway = await startGateway({ options: { tls: pairs } });
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  pairs?.[Symbol.dispose]();
});

const query = '{ secret }';

test('HTTP/1.1, HTTP/2 and WebSocket on one port', async () => {
  expect(gateway.url).toMatch(/^https:/);
  const answer = '{"data":{"secret":"shown"}}';
  expect(await overHttp1(gateway.url, query)).toMatchObject({ version: '1.1', text: answer });

  const session = openHttp2(gateway.url);
  const answers = await Promise.all(Array.from({ length: 20 }, () => overHttp2(session, query)));
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

test('multipart subscriptions by HTTP/2: many over one connection, up to its limit, and each ends by itself', async () => {
  await using own = await startGateway({ options: { tls: pairs }, limits: { operationsPerSocket: 3 } });
  const { written } = own.network;
  const session = openHttp2(own.url);
  const open = () =>
    streamHttp2(session, 'subscription { written { text } }', 'multipart/mixed;subscriptionSpec=1.0');
  const streams = [await open(), await open(), await open()];
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await open()).status).toBe(429);
  const bodies = streams.map(({ contentType, body }) => readMultipart(contentType, body));
  await until('listening', () => written.listeners === 1);
  const push = (text: string) => written.push({ id: crypto.randomUUID(), text, author: '' });
  push('all');
  await until('all have it', () => bodies.every((body) => payloads(body).length === 1));
  streams[0]?.body.close();
  await bodies[0]?.ended;
  await expect.poll(() => own.metric('rookery_gateway_event_streams')).toBe(2);
  push('the others');
  await until('both have it', () => bodies.slice(1).every((body) => payloads(body).length === 2));
  session.destroy();
  await until('closed upstream', () => written.listeners === 0);
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
  const subject = async () => (await overHttp1(gateway.url, query)).certificate.subject.CN;
  expect(await subject()).toBe('first');
  const served = async () => (await overHttp1(gateway.url, query)).certificate.valid_to;
  const endOfValidity = () => gateway.metric('rookery_gateway_certificate_not_after_seconds');
  expect(await endOfValidity()).toBe(Date.parse(await served()) / 1_000);
  const open = openHttp2(gateway.url);
  await overHttp2(open, query);
  pairs.use('second');
  await expect.poll(subject).toBe('second');
  expect(await endOfValidity()).toBe(Date.parse(await served()) / 1_000);
  // Connections that are open stay.
  expect(await overHttp2(open, query)).toContain('shown');
  open.close();

  writeFileSync(pairs.certFile, 'no certificate');
  await expect.poll(() => gateway.log()).toContain('certificate refused');
  expect(await subject()).toBe('second');
  expect(new X509Certificate((await overHttp1(gateway.url, query)).certificate.raw).subject).toBe(
    'CN=second',
  );
});

test('a stop ends idle connections at once', async () => {
  pairs.use('first');
  const own = await startGateway({ options: { tls: pairs } });
  const session = openHttp2(own.url);
  session.on('error', () => {});
  await overHttp2(session, query);
  const idle = connectTls({ ...insecure, port: Number(new URL(own.url).port), ALPNProtocols: ['http/1.1'] });
  idle.on('error', () => {});
  await new Promise((resolve) => idle.once('secureConnect', resolve));
  const closed = Promise.all(
    [session, idle].map((each) => new Promise((resolve) => each.once('close', resolve))),
  );
  const took = startStopwatch();
  await own.stop();
  await closed;
  expect(took()).toBeLessThan(3_000);
  await own[Symbol.asyncDispose]();
});
