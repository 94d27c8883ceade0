import { createLog } from '@rookery/service';
import { openDocuments, type ProgressDoc } from '@rookery/stores/documents';
import { projections } from '@rookery/stores/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshServer, freshPostgres } from '../world/index.ts';
import { codes, eventually, type QueryWorld, startQueryWorld } from './query-world.ts';

let server: FreshServer;
let world: QueryWorld;
beforeAll(async () => {
  server = await freshPostgres();
  const documents = openDocuments(server.url, { log: createLog('test', 'silent') });
  await documents.prepare();
  await documents.close();
  world = await startQueryWorld({ DOCUMENTS_URL: server.url });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

it('frozen documents without a standby: refused with a time to come back, soon at once, and read again', async () => {
  const ask = () => world.ask('{ user(handle: "ada") { id } }');
  const timed = async () => {
    const began = performance.now();
    const answer = await ask();
    return { answer, took: performance.now() - began };
  };
  expect(codes(await ask())).toBeUndefined();
  server.signal('SIGSTOP');
  const first = await Promise.all(Array.from({ length: 6 }, timed));
  for (const { answer, took } of first) {
    expect(codes(answer)).toEqual(['SERVICE_UNAVAILABLE']);
    expect(took).toBeLessThan(3_500);
  }
  const later: number[] = [];
  for (let i = 0; i < 10; i++) {
    const { answer, took } = await timed();
    expect(codes(answer)).toEqual(['SERVICE_UNAVAILABLE']);
    expect(answer.errors?.[0]?.extensions).toHaveProperty('retryAfter');
    later.push(took);
  }
  later.sort((a, b) => a - b);
  // Far less than the documents would be waited for.
  expect(later[5]).toBeLessThan(1_000);
  expect(await world.metric(/policy_breaker_state\{policy="documents primary",state="closed"/)).toBe(0);
  server.signal('SIGCONT');
  await eventually(async () =>
    expect(await world.metric(/policy_breaker_state\{policy="documents primary",state="closed"/)).toBe(1),
  );
});

it('a standby is read once every projection of it has been fed, and tells whether it could be', async () => {
  await using primary = await freshPostgres();
  await using second = await freshPostgres();
  await using opened = new AsyncDisposableStack();
  const log = createLog('test', 'silent');
  const standby = opened.adopt(openDocuments(second.url, { log }), (documents) => documents.close());
  await standby.prepare();
  const feed = (names: readonly string[]) =>
    standby.collection<ProgressDoc>('progress').putMany(
      names.map((id) => ({
        id,
        revision: 0,
        doc: { position: 3, at: new Date(0).toISOString(), epoch: 0 },
      })),
    );
  await using two = await startQueryWorld({ DOCUMENTS_URL: primary.url, DOCUMENTS_STANDBY_URL: second.url });
  const ask = () => two.ask('{ user(handle: "ada") { id } }');
  const usable = () => two.metric(/^rookery_query_standby_usable/);
  await primary.kill();
  await feed(projections.slice(1));
  // What one projection has not been given yet would be missing, and taken for true.
  expect(codes(await ask())).toEqual(['SERVICE_UNAVAILABLE']);
  expect(await usable()).toBe(0);
  await feed(projections.slice(0, 1));
  await eventually(async () => expect(await usable()).toBe(1));
  await eventually(async () => expect(codes(await ask())).toBeUndefined());
});
