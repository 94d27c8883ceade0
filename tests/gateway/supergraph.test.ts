import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { QueryPlanner } from '@apollo/query-planner';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { SupergraphFile } from '../support/gateway/supergraph-file.ts';

let file: SupergraphFile;
beforeEach(() => {
  file = new SupergraphFile();
});
afterEach(() => file[Symbol.dispose]());

const fromFile = (lastGood?: string) =>
  startGateway({ limits: { drainSpreadMs: 200 }, supergraph: file.source(100, { lastGood }) });
const has = async (gateway: TestGateway, field: string) => {
  const { errors } = await gateway.ask(`{ me { ${field} } }`);
  return errors === undefined;
};
const becomes = (gateway: TestGateway, field: string, there: boolean) =>
  expect.poll(() => has(gateway, field)).toBe(there);

describe('a new supergraph', () => {
  test('takes the place of the one before, again and again, and no request fails by it', async () => {
    await using gateway = await fromFile();
    const state = { over: false, asked: 0 };
    const failed: unknown[] = [];
    const asking = Array.from({ length: 4 }, async () => {
      while (!state.over) {
        const { data, errors } = await gateway.ask(
          '{ notes(first: 2) { text author { name notes { text } } } }',
        );
        state.asked++;
        if (errors || !data) failed.push(errors);
      }
    });
    const askedMore = async () => {
      const before = state.asked;
      await until('more was asked', () => state.asked > before + asking.length);
    };
    for (let round = 0; round < 3; round++) {
      file.write(file.without('noteLimit'));
      await becomes(gateway, 'noteLimit', false);
      await askedMore();
      file.write(file.sdl);
      await becomes(gateway, 'noteLimit', true);
      await askedMore();
    }
    state.over = true;
    await Promise.all(asking);
    expect(failed).toEqual([]);
  });

  test('is not waited for by what is under way: that ends on the version it began on', async () => {
    await using gateway = await fromFile();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    gateway.network.notes.hold = held;
    const underWay = gateway.ask('{ notes(first: 1) { author { noteLimit } } }');
    await until('asked', () => gateway.network.notes.fetches === 1);
    file.write(file.without('noteLimit'));
    await becomes(gateway, 'noteLimit', false);
    release();
    expect((await underWay).data).toEqual({ notes: [{ author: { noteLimit: 3 } }] });
  });

  test('has the plans of the busiest operations before it is served', async () => {
    await using gateway = await fromFile();
    const query = 'query Busy ($of: Boolean!) { notes(first: 1) { text author @include(if: $of) { name } } }';
    // A condition makes two plans of it.
    for (let n = 0; n < 5; n++) await gateway.ask(query, { of: n % 2 === 0 });
    const planned = vi.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
    file.write(file.without('noteLimit'));
    await becomes(gateway, 'noteLimit', false);
    const before = planned.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    for (const of of [true, false]) expect((await gateway.ask(query, { of })).errors).toBeUndefined();
    expect(planned.mock.calls.length).toBe(before);
    planned.mockRestore();
  });

  test('ends running subscriptions with 4460 and a hint; a socket without any stays', async () => {
    await using gateway = await fromFile();
    const open = () => {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      return {
        socket,
        ready: new Promise((resolve) => socket.once('message', resolve)),
        closed: new Promise<[number, string]>((resolve) =>
          socket.once('close', (code, reason) => resolve([code, String(reason)])),
        ),
      };
    };
    const [live, quiet] = [open(), open()];
    await Promise.all([live.ready, quiet.ready]);
    live.socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { silent { text } }"}}');
    await until('listening', () => gateway.network.silent.listeners === 1);
    file.write(file.without('noteLimit'));
    const [code, reason] = await live.closed;
    expect(code).toBe(4460);
    expect(reason).toMatch(/^Schema changed; retry in \d+ ms$/);
    await until('closed upstream', () => gateway.network.silent.listeners === 0);
    expect(quiet.socket.readyState).toBe(WebSocket.OPEN);
    quiet.socket.close();
    const again = gateway.live().iterate({ query: 'subscription { silent { text } }' });
    const first = again.next();
    await until('listening', () => gateway.network.silent.listeners === 1);
    await again.return?.();
    await first;
  });

  test.each([
    ['no SDL at all', () => 'not a supergraph'],
    ['nothing', () => ''],
    ['half of one', () => file.sdl.slice(0, file.sdl.length / 2)],
    ['a schema that is not a supergraph', () => 'type Query { secret: String }'],
  ])('that is %s is refused, and the last good one stays in force', async (_what, bad) => {
    await using gateway = await fromFile(join(file.dir, 'good.graphql'));
    file.write(bad());
    await expect
      // The file may be read half-written besides.
      .poll(() => gateway.metric('rookery_gateway_supergraphs_total', { outcome: 'refused' }))
      .toBeGreaterThan(0);
    expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
    expect(readFileSync(join(file.dir, 'good.graphql'), 'utf8')).toBe(file.sdl);
    file.write(file.without('noteLimit'));
    await becomes(gateway, 'noteLimit', false);
  });
});

/** A registry, as far as a gateway sees one. */
const startRegistry = async () => {
  const registry = { sdl: '', asked: 0, unchanged: 0, down: false };
  const server = createServer((request, response) => {
    registry.asked++;
    const etag = `"${registry.sdl.length}"`;
    if (registry.down) response.writeHead(503).end();
    else if (request.headers['if-none-match'] === etag) {
      registry.unchanged++;
      response.writeHead(304).end();
    } else response.writeHead(200, { etag }).end(registry.sdl);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(registry, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
};

test('an address is requested with its ETag, and may be down for a while, even at the start', async () => {
  await using registry = await startRegistry();
  const lastGood = join(file.dir, 'good.graphql');
  const start = () =>
    startGateway({
      supergraph: (composed) => {
        registry.sdl ||= composed;
        return { ...file.source(100, { lastGood })(composed), from: registry.url };
      },
    });
  {
    await using gateway = await start();
    expect(await has(gateway, 'noteLimit')).toBe(true);
    await until('asked again', () => registry.unchanged >= 2);
    registry.down = true;
    const { asked } = registry;
    await until('asked in vain', () => registry.asked > asked + 1);
    expect(await has(gateway, 'noteLimit')).toBe(true);
    registry.sdl = file.without('noteLimit');
    registry.down = false;
    await becomes(gateway, 'noteLimit', false);
    await until('kept', () => readFileSync(lastGood, 'utf8') === registry.sdl);
  }
  registry.down = true;
  await using later = await start();
  expect(await has(later, 'noteLimit')).toBe(false);
  registry.sdl = file.sdl;
  registry.down = false;
  await becomes(later, 'noteLimit', true);
});

test('a bad supergraph at the start is refused as well: the last good one is served, and stays the last good one', async () => {
  const lastGood = join(file.dir, 'good.graphql');
  await using gateway = await startGateway({
    supergraph: (composed) => {
      const source = file.source(100, { lastGood })(composed);
      writeFileSync(lastGood, file.sdl);
      file.write(file.sdl.slice(0, file.sdl.length / 2));
      return source;
    },
  });
  expect((await gateway.ask('{ secret }')).data).toEqual({ secret: 'shown' });
  expect(readFileSync(lastGood, 'utf8')).toBe(file.sdl);
  file.write(file.without('noteLimit'));
  await becomes(gateway, 'noteLimit', false);
});

test('the last good one is put in place whole: who reads the one before meanwhile reads it to its end', async () => {
  const lastGood = join(file.dir, 'good.graphql');
  await using gateway = await fromFile(lastGood);
  const before = openSync(lastGood, 'r');
  file.write(file.without('noteLimit'));
  await becomes(gateway, 'noteLimit', false);
  await until('kept', () => readFileSync(lastGood, 'utf8') === file.without('noteLimit'));
  expect(readFileSync(before, 'utf8')).toBe(file.sdl);
  closeSync(before);
});

test('without a supergraph at its source and without a last good one it does not start', async () => {
  await expect(
    startGateway({
      supergraph: () => ({
        from: join(file.dir, 'none'),
        pollIntervalMs: 100,
        lastGood: join(file.dir, 'none too'),
      }),
    }),
  ).rejects.toThrow();
});
