import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settings } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGatewayKeys } from '../world/index.ts';
import { startGateway, type TestGatewayOptions, until } from './world/gateway.ts';
import { startNetwork } from './world/network.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'rookery-subgraph-urls-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** An address at which nobody listens. */
const nowhere = 'http://127.0.0.1:9/graphql';
const urls = (text: string) => settings.SUBGRAPH_URLS.schema.parse(text);

/** A gateway whose supergraph and other settings lead to the subgraphs of `network` only by SUBGRAPH_URLS. */
const startLost = async (network: Awaited<ReturnType<typeof startNetwork>>, keyFile: string) => {
  const text = network.all.map(({ name, url }) => `${name}=${url}`).join(',');
  const file = join(dir, 'supergraph.graphql');
  const gateway = await startGateway({
    supergraph: (sdl) => {
      writeFileSync(file, sdl);
      return { from: file, pollEvery: 100 };
    },
    options: { subgraphs: { notes: nowhere }, subgraphUrls: urls(text), internalKeyFiles: [keyFile] },
  });
  return { gateway, file };
};

test('subgraphs are asked at their configured addresses, for subscriptions and after each new supergraph too', async () => {
  await using keys = await startGatewayKeys();
  await using network = await startNetwork(keys.keysUrl);
  const { gateway, file } = await startLost(network, keys.keyFile);
  await using _ = gateway;
  const ask = async () => (await gateway.ask('{ notes(first: 1) { text author { name } } }')).data;
  const answer = { notes: [{ text: 'first', author: { name: 'Ada' } }] };
  expect(await ask()).toEqual(answer);
  const events = gateway.live().iterate({ query: 'subscription { counted }' });
  const first = events.next();
  await until('listening', () => network.counted.listeners === 1);
  network.counted.push(7);
  expect((await first).value).toEqual({ data: { counted: 7 } });
  await events.return?.();

  const sdls = Object.fromEntries(network.all.map(({ name, sdl }) => [name, sdl]));
  const replaced = composeSupergraph(sdls).replaceAll('.invalid/graphql', '.invalid/moved');
  writeFileSync(file, replaced.replace(/^ *noteLimit:.*\n/m, ''));
  await expect
    .poll(async () => (await gateway.ask('{ me { noteLimit } }')).errors?.[0]?.extensions.code)
    .toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await ask()).toEqual(answer);
});

test('a new supergraph without a subgraph that is configured is served, and logged', async () => {
  await using keys = await startGatewayKeys();
  await using network = await startNetwork(keys.keysUrl);
  const { gateway, file } = await startLost(network, keys.keyFile);
  await using _ = gateway;
  writeFileSync(file, composeSupergraph({ people: network.people.sdl }));
  await until('logged', () =>
    gateway.log().includes('SUBGRAPH_URLS names notes; the supergraph has people: the next start will fail'),
  );
  expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
});

test('two subgraphs at one address get live tokens of their own', async () => {
  // Each refuses a token that names another subgraph: here both names lead to the one that is called notes.
  await using keys = await startGatewayKeys();
  await using network = await startNetwork(keys.keysUrl);
  await using gateway = await startGateway({
    options: {
      subgraphUrls: urls(`people=${network.notes.url},notes=${network.notes.url}`),
      internalKeyFiles: [keys.keyFile],
    },
  });
  const other = gateway.live().iterate({ query: 'subscription { arrived { name } }' });
  await expect(other.next()).rejects.toBeDefined();
  const events = gateway.live().iterate({ query: 'subscription { counted }' });
  const first = events.next();
  await until('listening', () => network.counted.listeners === 1);
  await events.return?.();
  await first;
});

const refusals: [string, TestGatewayOptions, string][] = [
  [
    'SUBGRAPH_URLS names a subgraph that is not there',
    { options: { subgraphUrls: urls(`shop=${nowhere}`) } },
    'SUBGRAPH_URLS names shop; the supergraph has notes, people',
  ],
  [
    'SUBGRAPH_HEADERS does',
    { options: { subgraphHeaders: settings.SUBGRAPH_HEADERS.schema.parse('shop=x-tenant; *=x-a') } },
    'SUBGRAPH_HEADERS names shop; the supergraph has notes, people',
  ],
  [
    'a subgraph has no address',
    {
      supergraph: (sdl) => {
        const from = join(dir, 'without-address.graphql');
        writeFileSync(from, sdl.replace('http://notes.invalid/graphql', ''));
        return { from, pollEvery: 100 };
      },
      options: { subgraphs: {} },
    },
    'subgraph notes has no http(s) address in the supergraph: name one in SUBGRAPH_URLS',
  ],
];

test.each(refusals)('a gateway does not start if %s', async (_what, options, why) => {
  await expect(startGateway(options)).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining(why),
  });
});
