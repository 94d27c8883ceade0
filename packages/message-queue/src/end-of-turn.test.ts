import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfTurn } from './end-of-turn.ts';

/** Sends as the client of NATS does: all that is written until the microtask that the first write queues. */
const createSender = () => {
  const packets: number[][] = [];
  let pending: number[] = [];
  return {
    packets,
    write: (value: number) => {
      if (pending.length === 0)
        queueMicrotask(() => {
          packets.push(pending);
          pending = [];
        });
      pending.push(value);
    },
  };
};

/** Ways in which a request may come to its publish within one turn. */
const ways = {
  atOnce: (go: () => void) => go(),
  afterMicrotasks: async (go: () => void) => {
    for (let i = 0; i < 5; i++) await undefined;
    go();
  },
  afterTicks: (go: () => void) => process.nextTick(() => process.nextTick(go)),
};

describe('the end of a turn', () => {
  it('lets all that came in one turn go in one packet, in their order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.values(ways)), { minLength: 1, maxLength: 20 }),
        async (some) => {
          await nextTurn();
          const { packets, write } = createSender();
          const came: number[] = [];
          await Promise.all(
            some.map(
              (way, i) =>
                new Promise<void>((resolve) => {
                  void way(async () => {
                    came.push(i);
                    await endOfTurn();
                    write(i);
                    resolve();
                  });
                }),
            ),
          );
          await nextTurn();
          expect(packets).toEqual([came]);
        },
      ),
    ));

  it('comes again in each turn', async () => {
    const { packets, write } = createSender();
    for (let turn = 0; turn < 3; turn++) {
      await endOfTurn();
      write(turn);
      await delay(1);
    }
    expect(packets).toEqual([[0], [1], [2]]);
  });
});
