import { settings } from '@rookery/runtime';
import { composeSupergraph } from '@rookery/schema/compose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway/gateway.ts';
import { startNetwork } from '../support/gateway/network.ts';
import { SupergraphFile } from '../support/gateway/supergraph-file.ts';
import { startGatewayKeys } from '../support/index.ts';

let file: SupergraphFile;
beforeEach(() => {
  file = new SupergraphFile();
});
afterEach(() => file[Symbol.dispose]());

/** An address at which nobody listens. */
const nowhere = 'http://127.0.0.1:9/graphql';
const urls = (text: string) => settings.SUBGRAPH_URLS.schema.parse(text);

/** A gateway whose supergraph and other settings lead to the subgraphs of `network` only by SUBGRAPH_URLS. */
const startLost = async (network: Awaited<ReturnType<typeof startNetwork>>, keyFile: string) => {
  const text = network.all.map(({ name, url }) => `${name}=${url}`).join(',');
  return startGateway({
    supergraph: file.source(100),
    options: { subgraphs: { notes: nowhere }, subgraphUrls: urls(text), internalKeyFiles: [keyFile] },
  });
};

test('subgraphs are asked at their configured addresses, for subscriptions and after each new supergraph too', async () => {
  await using keys = await startGatewayKeys();
  await using network = await startNetwork(keys.keysUrl);
  await using gateway = await startLost(network, keys.keyFile);
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
  file.write(replaced.replace(/^ *noteLimit:.*\n/m, ''));
  await expect
    .poll(async () => (await gateway.ask('{ me { noteLimit } }')).errors?.[0]?.extensions.code)
    .toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await ask()).toEqual(answer);
});

test('a new supergraph without a subgraph that is configured is served, and logged', async () => {
  await using keys = await startGatewayKeys();
  await using network = await startNetwork(keys.keysUrl);
  await using gateway = await startLost(network, keys.keyFile);
  file.write(composeSupergraph({ people: network.people.sdl }));
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
      supergraph: (sdl) => file.source(100)(sdl.replace('http://notes.invalid/graphql', '')),
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
