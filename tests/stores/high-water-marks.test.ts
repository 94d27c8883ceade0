import { openQueue } from '@rookery/message-queue';
import { createLog, newId } from '@rookery/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshServer, freshNats } from '../support/index.ts';

const log = createLog('test', 'silent');
const open = (url: string) => openQueue({ url, replicas: 1, maxBytes: 2 ** 24, ackTimeoutMs: 5_000, log });

let server: FreshServer;
let queues: ReturnType<typeof open>[];
beforeAll(async () => {
  server = await freshNats();
  queues = [1, 2, 3].map(() => open(server.url));
  await Promise.all(queues.map((queue) => queue.prepare()));
});
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  await server[Symbol.asyncDispose]();
});

it('never go back, whichever processes raise them at the same time', async () => {
  const raise = fc.record({ by: fc.nat(2), time: fc.integer({ min: 1, max: 50 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(raise, { minLength: 1, maxLength: 12 }), { minLength: 1 }),
      async (rounds) => {
        const actor = newId();
        let highest = 0;
        for (const round of rounds) {
          await Promise.all(round.map(({ by, time }) => queues[by]?.raiseHighWaterMark(actor, time)));
          highest = Math.max(highest, ...round.map(({ time }) => time));
          const read = await Promise.all(queues.map((queue) => queue.highWaterMark(actor)));
          expect(read).toEqual([highest, highest, highest]);
        }
      },
    ),
    { numRuns: 25 },
  );
});

it('are kept over a kill of the server', async () => {
  const actor = newId();
  await queues[0]?.raiseHighWaterMark(actor, 1_000);
  await server.kill();
  await server.restart();
  await expect.poll(() => queues[1]?.highWaterMark(actor).catch(() => undefined)).toBe(1_000);
});
