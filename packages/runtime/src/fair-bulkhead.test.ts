import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BulkheadFullError, FairBulkhead } from './fair-bulkhead.ts';

/** Calls that end when they are told to. */
const world = (bulkhead: FairBulkhead) => {
  const running: { readonly caller: string; readonly end: () => void }[] = [];
  const started: string[] = [];
  const call = (caller: string) =>
    bulkhead.execute(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      running.push({ caller, end: resolve });
      started.push(caller);
      return promise;
    }, caller);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { running, started, call, turn };
};

describe('a fair bulkhead', () => {
  test('gives free places to the waiting callers in turn, however many calls one of them has', async () => {
    const { running, started, call, turn } = world(new FairBulkhead({ limit: 1, queue: 100 }));
    for (let n = 0; n < 5; n++) void call('busy');
    void call('ada');
    void call('grace');
    for (let n = 0; n < 7; n++) {
      running.shift()?.end();
      await turn();
    }
    expect(started).toEqual(['busy', 'busy', 'ada', 'grace', 'busy', 'busy', 'busy']);
  });

  test('refuses at once what may neither run nor wait', async () => {
    const { call } = world(new FairBulkhead({ limit: 4, queue: 2, callerShare: 0.5 }));
    for (let n = 0; n < 3; n++) void call('busy');
    await expect(call('busy')).rejects.toThrow(BulkheadFullError);
    for (let n = 0; n < 2; n++) void call('ada');
    void call('grace');
    await expect(call('grace')).rejects.toThrow(BulkheadFullError);
  });

  test('never exceeds a bound, and runs all that it accepted', async () => {
    const step = fc.oneof(
      fc.record({ call: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ end: fc.nat({ max: 5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat({ max: 6 }),
        async (steps, limit, queue) => {
          const { running, started, call, turn } = world(
            new FairBulkhead({ limit, queue, callerShare: 0.5 }),
          );
          const perCaller = Math.ceil(limit / 2);
          let accepted = 0;
          let open = 0;
          for (const each of steps) {
            if ('call' in each) {
              accepted++;
              open++;
              call(each.call).then(
                () => open--,
                () => {
                  open--;
                  accepted--;
                },
              );
            } else running.splice(each.end, 1)[0]?.end();
            await turn();
            expect(running.length).toBeLessThanOrEqual(limit);
            for (const caller of 'abc')
              expect(running.filter((one) => one.caller === caller).length).toBeLessThanOrEqual(perCaller);
            expect(open - running.length).toBeLessThanOrEqual(queue);
          }
          while (running.length > 0) {
            running.shift()?.end();
            await turn();
          }
          expect(open).toBe(0);
          expect(started.length).toBe(accepted);
        },
      ),
      { numRuns: 200 },
    );
  });
});
