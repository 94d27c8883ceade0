import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type OpenSubscriptionsPart, openSubscriptionsPart, usageBatch } from '@rookery/registry-protocol';
import { createLog } from '@rookery/runtime';
import { pushIterator } from '@rookery/runtime/iterators';
import { composeSupergraph } from '@rookery/schema/compose';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { admit } from '../limits/admission.ts';
import { defaultLimits } from '../limits/limits.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { SubgraphClient } from '../subgraphs/subgraph-client.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';
import { Supergraph } from '../supergraph/supergraph.ts';
import { OpenSubscriptionReports } from './open-subscriptions.ts';
import { UsageCollector } from './usage-collector.ts';

const sdl = `
  type Query { find(in: Search): String }
  type Subscription { found(in: Search): String }
  input Search { text: String, color: Color }
  enum Color { RED BLUE }`;

const supergraph = new Supergraph({
  first: (serve) => serve(composeSupergraph({ only: sdl })),
  urlOf: (_name, routingUrl) => routingUrl,
  connect: () => ({ [Symbol.asyncDispose]: async () => {} }) as unknown as SubgraphClient,
  keepReplacedMs: 1_000,
  limits: defaultLimits,
  introspection: true,
  log: createLog('test', 'silent'),
});

/** Reports that came to the registry. */
const received: { readonly path: string; readonly body: unknown }[] = [];
/** Its answer. */
let status = 200;
const server = createServer(async (request, response) => {
  received.push({ path: request.url ?? '', body: await json(request) });
  response.writeHead(status).end('{}');
});

beforeAll(async () => {
  await Promise.all([supergraph.load(), once(server.listen(0, '127.0.0.1'), 'listening')]);
});
afterAll(async () => {
  server.close();
  await supergraph[Symbol.asyncDispose]();
});
beforeEach(() => {
  received.length = 0;
  status = 200;
});

const prepared = (text: string): Prepared =>
  supergraph.graph.operations.prepare(admit(text, defaultLimits), undefined);
const optionsOf = (intervalMs = 5) => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  environment: 'production',
  token: 'rkr_x',
  gateway: 'gateway-1',
  sampling: 1,
  intervalMs,
});
const open = (text: string, name: string | undefined, variables = {}) => {
  const events = pushIterator<string, string>({ limit: 1, present: (event) => event });
  const begin: SubscriptionStart = () => events;
  return {
    with: (reports: OpenSubscriptionReports) =>
      reports.noting(begin, { prepared: prepared(text), variables, client: { name, version: '1' } })(
        () => {},
      ),
    end: () => events.return(undefined),
  };
};
const found = 'subscription Found($in: Search) { found(in: $in) }';
const parts = (): OpenSubscriptionsPart[] => {
  expect(new Set(received.map(({ path }) => path))).toEqual(
    new Set(['/v1/environments/production/gateways/gateway-1/subscriptions']),
  );
  return received.map(({ body }) => openSubscriptionsPart.parse(body));
};

test('a report counts at most 5,000 combinations of operation and client, and drops others', async () => {
  const warn = vi.fn();
  const log = { child: () => ({ warn }) } as never;
  await using usage = new UsageCollector(optionsOf(20), log);
  const used = { prepared: prepared('query Find { find }'), inputs: new Set<string>() };
  const count = (n: number) => usage.count(used, { name: `client-${n}`, version: '1' }, 1, false);
  for (let n = 0; n < 5_010; n++) count(n);
  // A known combination goes on counting.
  count(0);
  await expect.poll(() => received.length).toBe(10);
  const operations = received.flatMap(({ body }) => usageBatch.parse(body).operations);
  expect(operations).toHaveLength(5_000);
  expect(operations[0]).toMatchObject({ client: { name: 'client-0' }, count: 2 });
  expect(warn.mock.calls).toEqual([[{ dropped: 10 }, expect.stringContaining('dropped')]]);
});

test('open subscriptions are reported by operation and client with coordinates, and never with a value', async () => {
  await using reports = new OpenSubscriptionReports(optionsOf(), createLog('test', 'silent'));
  const variables = { in: { text: 'hunter2', color: 'RED' } };
  const all = [
    open(found, 'web', variables),
    open(found, 'web'),
    open(found, 'ios'),
    open('subscription { found(in: { text: "hunter2" }) }', undefined),
  ];
  for (const one of all) one.with(reports);
  await expect.poll(() => received.length).toBeGreaterThan(0);
  const [part] = parts();
  expect(part).toMatchObject({ report: 1, last: true });
  const web = { operationName: 'Found', client: { name: 'web', version: '1' } };
  expect(part?.subscriptions).toMatchObject([
    { ...web, open: 2, inputs: ['Search.text', 'Search.color', 'Color.RED'] },
    { ...web, client: { name: 'ios' }, open: 1, inputs: [] },
    { operationName: null, client: { name: null }, open: 1 },
  ]);
  expect(JSON.stringify(received)).not.toContain('hunter2');
  await Promise.all([all[0]?.end(), all[2]?.end()]);
  await expect
    .poll(() => parts().at(-1)?.subscriptions)
    .toMatchObject([{ ...web, open: 1 }, { operationName: null }]);
});

test('nothing is sent while nothing changes, and a report that the registry does not take is followed by the present state', async () => {
  const warn = vi.fn();
  await using reports = new OpenSubscriptionReports(optionsOf(), { child: () => ({ warn }) } as never);
  status = 503;
  const first = open(found, 'web');
  first.with(reports);
  await expect.poll(() => warn.mock.calls.length).toBeGreaterThan(1);
  const second = open(found, 'ios');
  second.with(reports);
  status = 200;
  const names = () =>
    parts()
      .at(-1)
      ?.subscriptions.map(({ client }) => client.name);
  await expect.poll(names).toEqual(['web', 'ios']);
  const before = parts().at(-1)?.report ?? 0;
  open(found, 'android').with(reports);
  // Ten intervals pass between two looks.
  await expect.poll(names, { interval: 50 }).toContain('android');
  expect((parts().at(-1)?.report ?? 0) - before).toBeLessThanOrEqual(2);
});

test('a gateway that stops reports that nothing is open; one that never reported says nothing', async () => {
  await new OpenSubscriptionReports(optionsOf(), createLog('test', 'silent'))[Symbol.asyncDispose]();
  expect(received).toEqual([]);
  {
    await using reports = new OpenSubscriptionReports(optionsOf(), createLog('test', 'silent'));
    open(found, 'web').with(reports);
    await expect.poll(() => received.length).toBe(1);
  }
  expect(parts().at(-1)).toMatchObject({ last: true, subscriptions: [] });
});

test('more than fits is divided into parts of one report, and at most 5,000 combinations are held', async () => {
  const warn = vi.fn();
  await using reports = new OpenSubscriptionReports(optionsOf(20), { child: () => ({ warn }) } as never);
  for (let n = 0; n < 5_003; n++) open(found, `client-${n}`).with(reports);
  await expect.poll(() => received.length).toBe(10);
  const all = parts();
  expect(new Set(all.map(({ report }) => report)).size).toBe(1);
  expect(all.map(({ last }) => last)).toEqual([...Array(9).fill(false), true]);
  expect(all.reduce((sum, { subscriptions }) => sum + subscriptions.length, 0)).toBe(5_000);
  expect(warn.mock.calls).toEqual([[{ dropped: 3 }, expect.stringContaining('not reported')]]);
});
