import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeferredBuckets, type SharedTokenBuckets } from './deferred-buckets.ts';
import { costOf, type PendingCharge, refill, type Taken } from './token-bucket.ts';

const window = 10;

/** One shared bucket of any key, like the script in Redis; `answer` lets its calls end in their order. */
class OneShared implements SharedTokenBuckets {
  readonly #left = new Map<string, { left: number; at: number }>();
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  calls = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async take(charges: readonly PendingCharge[]): Promise<Taken> {
    this.calls++;
    const before = charges.map((charge) => this.left(charge) - charge.pending);
    const allowed = charges.every((charge, i) => (before[i] ?? 0) >= costOf(charge));
    const left = charges.map((charge, i) => (before[i] ?? 0) - (allowed ? costOf(charge) : 0));
    for (const [i, { key }] of charges.entries())
      this.#left.set(key, { left: left[i] ?? 0, at: this.#now() });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return { allowed, left };
  }

  left(charge: { readonly key: string; readonly limit: number; readonly window: number }): number {
    const bucket = this.#left.get(charge.key);
    if (!bucket) return charge.limit;
    return Math.min(charge.limit, bucket.left + (this.#now() - bucket.at) * refill(charge));
  }

  answer(): void {
    this.#waiting.shift()?.();
  }

  async answerAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.answer();
      await turn();
    }
  }
}

/** Lets everything go on that waits for a promise which is resolved. */
const turn = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await undefined;
};
const failed = (error: unknown) => {
  throw error;
};

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      by: fc.nat(2),
      cost: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 30 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const), by: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'answer' as const }) },
);
/** Long enough to exhaust the limit several times. */
const steps = fc.array(step, { minLength: 200, maxLength: 500, size: 'max' });

test.each([1, 3])(
  '%i gateways grant their share of the limit in addition to it, and in the end all of it is charged',
  async (gateways) => {
    const limit = 1_000;
    await fc.assert(
      fc.asyncProperty(steps, async (moves) => {
        let now = 0;
        const shared = new OneShared(() => now);
        const all = Array.from(
          { length: gateways },
          () => new DeferredBuckets(shared, failed, { now: () => now, maxAccounts: 5 }),
        );
        const charge = { key: 'k', limit, window, cost: 0 };
        let granted = 0;
        const running: Promise<void>[] = [];
        const note = (cost: number, { allowed }: Taken): void => {
          if (allowed) granted += cost;
          // One gateway alone knows what it has granted.
          const more = gateways === 1 ? 0 : gateways * limit * 0.01;
          if (granted > limit + now * refill(charge) + more + 1e-6) throw new Error(`granted ${granted}`);
        };
        for (const each of moves) {
          if (each.kind === 'wait') now += each.ms;
          else if (each.kind === 'answer') {
            shared.answer();
            await turn();
          } else {
            const gateway = all[each.by % gateways] as DeferredBuckets;
            if (each.kind === 'settle') running.push(gateway.settle());
            else {
              const taken = gateway.take([{ ...charge, cost: each.cost }]);
              if (taken instanceof Promise) running.push(taken.then((later) => note(each.cost, later)));
              else note(each.cost, taken);
            }
          }
        }
        await shared.answerAll();
        running.push(...all.map((gateway) => gateway.settle()));
        await shared.answerAll();
        await Promise.all(running);
        // All that was granted is charged, as far as it has not come back since.
        expect(shared.left(charge)).toBeLessThanOrEqual(limit - granted + now * refill(charge) + 1e-6);
      }),
      { numRuns: 60 },
    );
  },
);

test('a bucket that is far from empty grants at once, and it is charged later for all of them', async () => {
  const shared = new OneShared(() => 0);
  const buckets = new DeferredBuckets(shared, failed, { now: () => 0, maxAccounts: 5 });
  const charge = { key: 'k', limit: 10_000, window, cost: 10 };
  for (let n = 1; n <= 10; n++)
    expect(buckets.take([charge])).toEqual({ allowed: true, left: [10_000 - n * 10] });
  expect(shared.calls).toBe(0);
  const settled = buckets.settle();
  await shared.answerAll();
  await settled;
  expect(shared.calls).toBe(1);
  expect(shared.left(charge)).toBe(9_900);
});

test('a small limit, an almost empty bucket and many pending tokens are decided by the shared bucket', async () => {
  const shared = new OneShared(() => 0);
  const buckets = new DeferredBuckets(shared, failed, { now: () => 0, maxAccounts: 5 });
  const ask = async (key: string, limit: number, cost: number) => {
    const taken = buckets.take([{ key, limit, window, cost }]);
    if (!(taken instanceof Promise)) return 'granted';
    await turn();
    await shared.answerAll();
    return (await taken).allowed;
  };
  expect(await ask('small', 999, 1)).toBe(true);
  expect(await ask('large', 1_000, 985)).toBe(true);
  expect(await ask('large', 1_000, 10)).toBe(true);
  expect(await ask('large', 1_000, 6)).toBe(false);
  expect(await ask('large', 1_000, 5)).toBe(true);
  expect(await ask('pending', 1_000, 10)).toBe('granted');
  expect(await ask('pending', 1_000, 1)).toBe(true);
});

test('pending tokens that cannot be charged are dropped and told', async () => {
  const errors: unknown[] = [];
  const down = new Error('down');
  const buckets = new DeferredBuckets({ take: () => Promise.reject(down) }, (error) => errors.push(error), {
    now: () => 0,
    maxAccounts: 5,
  });
  buckets.take([{ key: 'k', limit: 10_000, window, cost: 10 }]);
  await buckets.settle();
  await buckets.settle();
  expect(errors).toEqual([down]);
});
