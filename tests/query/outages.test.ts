import { openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import { type FreshServer, freshPostgres } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { codes, type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let server: FreshServer;
let world: QueryWorld;
beforeAll(async () => {
  server = await freshPostgres();
  const documents = await openDocuments(server.url, { log: createLog('test', 'silent') });
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
    const took = startStopwatch();
    const answer = await ask();
    return { answer, took: took() };
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
  expect(
    await world.metric('rookery_policy_breaker_state', { policy: 'documents primary', state: 'closed' }),
  ).toBe(0);
  server.signal('SIGCONT');
  await eventuallyPasses(async () =>
    expect(
      await world.metric('rookery_policy_breaker_state', { policy: 'documents primary', state: 'closed' }),
    ).toBe(1),
  );
});
