import { openEventStore } from '@rookery/event-store';
import { createLog, newId } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshPostgres } from '../support/index.ts';
import { inspectable, readMemory } from '../support/memory.ts';
import { runRecorder } from '../support/systems/run-recorder.ts';
import { freshGround, startMutationSubgraph } from '../support/systems/start-mutation.ts';

const log = createLog('test', 'silent');
const mebibyte = 1_048_576;

describe('with a long outage of the event store', () => {
  it('the queue fills up and no more: clients are told, memory stays flat, and all is recorded afterwards', {
    timeout: 180_000,
  }, async () => {
    await using postgres = await freshPostgres();
    await using ground = await freshGround();
    const small = { QUEUE_MAX_BYTES: String(4 * mebibyte) };
    await using mutation = await startMutationSubgraph({ ...ground, env: { ...ground.env, ...small } });
    await using recorder = await runRecorder(
      { postgres: postgres.url, nats: ground.nats.url },
      {
        ...small,
        ...inspectable,
      },
    );
    const ann = newId();
    const body = 'x'.repeat(4_000);
    const publish = () =>
      mutation.post(
        ann,
        'mutation ($input: PublishPostInput!) { publishPost(input: $input) { activity { id } } }',
        {
          input: { body },
        },
      );
    expect((await publish()).errors).toBeUndefined();
    await postgres.kill();
    const held = async () => (await readMemory(recorder.child.pid, recorder.log)).held;
    const before = await held();

    let accepted = 1;
    let refusals = 0;
    let longest = 0;
    while (refusals < 200) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const began = performance.now();
          const answer = await publish();
          longest = Math.max(longest, performance.now() - began);
          return answer;
        }),
      );
      for (const { errors } of answers) {
        if (!errors) accepted += 1;
        else {
          refusals += 1;
          expect(errors[0]?.extensions).toEqual({
            code: 'SERVICE_UNAVAILABLE',
            retryAfter: expect.any(Number),
          });
        }
      }
      expect(accepted).toBeLessThan(2_000);
    }
    const grown = (await held()) - before;
    expect(longest).toBeLessThan(2_000);
    expect(accepted).toBeGreaterThan(200);
    expect(grown).toBeLessThan(16 * mebibyte);

    await postgres.restart();
    const store = openEventStore(postgres.url, { log });
    await eventually(async () => (await store.head()) === accepted, { what: 'everything recorded' });
    await eventually(async () => (await publish()).errors === undefined, { what: 'a write' });
    await eventually(async () => (await store.head()) === accepted + 1);
    await store.close();
    console.log(
      'back-pressure',
      JSON.stringify({
        accepted,
        refusals,
        longestMs: Math.round(longest),
        grownMiB: Math.round(grown / mebibyte),
      }),
    );
  });
});
