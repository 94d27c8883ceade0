import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { pushIterator } from './iterators.ts';

const done = { done: true, value: undefined } as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
};

type Step = 'push' | 'next' | 'return' | 'throw' | 'abort' | 'end' | 'fail' | 'finish';
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>('push', 'next') },
  { weight: 1, arbitrary: fc.constantFrom<Step>('return', 'throw', 'abort', 'end', 'fail', 'finish') },
);

const openPush = (limit: number, present: (n: number) => number | Promise<number> = async (n) => n) => {
  const [onEnd, onOverflow, abort] = [vi.fn(), vi.fn(), new AbortController()];
  const values = pushIterator<number, number>({ limit, present, onEnd, onOverflow, signal: abort.signal });
  let pushed = 0;
  const steps: Readonly<Record<Exclude<Step, 'next'>, () => unknown>> = {
    push: () => values.push(pushed++),
    return: () => values.return(),
    throw: () => values.throw(new Error('left')).catch(() => {}),
    abort: () => abort.abort(),
    end: () => values.end(),
    fail: () => values.end({ error: new Error('lost') }),
    finish: () => values.finish(),
  };
  return { values, steps, onEnd, onOverflow, pushed: () => pushed };
};

type Outcome = number | 'done' | 'lost';
const outcomeOf = (read: Promise<IteratorResult<number, undefined>>): Promise<Outcome> =>
  read.then(
    (result) => (result.done ? 'done' : result.value),
    (error: Error) => error.message as 'lost',
  );

/** The same iterator without concurrency: each step is complete before the next one. */
const modelOf = (limit: number) => {
  const outcomes: (Outcome | undefined)[] = [];
  let waiting: number[] = [];
  let [state, failing, overflows, pushed]: ['open' | 'ending' | 'ended', boolean, number, number] = [
    'open',
    false,
    0,
    0,
  ];
  const leave = () => {
    state = 'ended';
    waiting = [];
    for (const [read, outcome] of outcomes.entries()) outcomes[read] = outcome ?? 'done';
  };
  const deliver = () => {
    for (let read = outcomes.indexOf(undefined); read !== -1; read = outcomes.indexOf(undefined)) {
      const value = waiting.shift();
      if (value !== undefined) outcomes[read] = value;
      else if (state === 'open') return;
      else {
        if (failing && state === 'ending') outcomes[read] = 'lost';
        leave();
      }
    }
  };
  const end = () => {
    if (state === 'open') state = 'ending';
  };
  return {
    apply(step: Step): void {
      if (step === 'next') outcomes.push(undefined);
      else if (step === 'push') {
        const value = pushed++;
        if (state === 'open' && waiting.length < limit) waiting.push(value);
        else if (state === 'open') {
          overflows++;
          leave();
        }
      } else if (step === 'end') end();
      else if (step === 'fail') {
        failing ||= state === 'open';
        end();
      } else if (step === 'finish') {
        waiting = [];
        end();
      } else leave();
      deliver();
    },
    result: () => ({ outcomes, overflows, ends: state === 'ended' ? 1 : 0 }),
  };
};

describe('pushIterator', () => {
  it('does what its model does, step by step', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 40 }),
        fc.integer({ min: 0, max: 4 }),
        async (steps, limit) => {
          const real = openPush(limit);
          const model = modelOf(limit);
          const outcomes: (Outcome | undefined)[] = [];
          for (const step of steps) {
            if (step === 'next') {
              const read = outcomes.push(undefined) - 1;
              void outcomeOf(real.values.next()).then((outcome) => {
                outcomes[read] = outcome;
              });
            } else real.steps[step]();
            model.apply(step);
            await setImmediate();
          }
          const [ends, overflows] = [real.onEnd, real.onOverflow].map(({ mock }) => mock.calls.length);
          expect({ outcomes, overflows, ends }).toEqual(model.result());
        },
      ),
    ));

  it('delivers in order, once, and nothing that was accepted is lost, however the steps interleave', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyStep, { maxLength: 60 }),
        fc.boolean(),
        async (scheduler, steps, isEndless) => {
          const taken = isEndless ? steps.filter((step) => step === 'push' || step === 'next') : steps;
          const real = openPush(isEndless ? Number.POSITIVE_INFINITY : 5, (n) =>
            scheduler.schedule(Promise.resolve(n), `present ${n}`),
          );
          const reads: Promise<Outcome>[] = [];
          const sequence = scheduler.scheduleSequence(
            taken.map((step) => ({
              label: step,
              builder: async () => {
                if (step === 'next') reads.push(outcomeOf(real.values.next()));
                else real.steps[step]();
              },
            })),
          );
          await scheduler.waitFor(sequence.task);
          real.values.end();
          reads.push(outcomeOf(real.values.next()));
          // Every read is answered, whatever happened before.
          const outcomes = await scheduler.waitFor(Promise.all(reads));
          const delivered = outcomes.filter((outcome) => typeof outcome === 'number');
          expect(delivered).toEqual(numbers(delivered.length));
          expect(outcomes.slice(0, delivered.length)).toEqual(delivered);
          if (isEndless) expect(delivered).toHaveLength(Math.min(real.pushed(), reads.length));
          await scheduler.waitFor(real.values.return());
          await real.values.closed;
          expect(real.onEnd).toHaveBeenCalledTimes(1);
          expect(real.onOverflow.mock.calls.length).toBeLessThanOrEqual(1);
        },
      ),
    ));

  it('keeps what is pushed between its creation and the first next()', async () => {
    const { values, steps } = openPush(3);
    for (let n = 0; n < 3; n++) steps.push();
    expect([await values.next(), await values.next()]).toEqual(
      [0, 1].map((value) => ({ value, done: false })),
    );
  });

  it('withholds an event that is being presented when its reader leaves', async () => {
    const presented = Promise.withResolvers<number>();
    const { values, steps } = openPush(3, () => presented.promise);
    steps.push();
    const waiting = values.next();
    await values.return();
    presented.resolve(0);
    expect(await waiting).toEqual(done);
  });

  it('delivers what is being presented when it is finished, as the last value', async () => {
    const { values, steps, onEnd } = openPush(3, async (n) => {
      if (n === 1) values.finish();
      return n;
    });
    for (let n = 0; n < 3; n++) steps.push();
    expect(await collect(values)).toEqual([0, 1]);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('delivers to a taker in order and one at a time, and nothing that was accepted is lost', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyStep, { maxLength: 60 }),
        fc.record({
          isEndless: fc.boolean(),
          isSlow: fc.boolean(),
          fails: fc.boolean(),
          early: fc.boolean(),
        }),
        async (scheduler, steps, { isEndless, isSlow, fails, early }) => {
          const taken: number[] = [];
          let isBusy = false;
          const take = (n: number): Promise<void> | undefined => {
            expect(isBusy).toBe(false);
            taken.push(n);
            if (n % 3 > 0) return undefined;
            isBusy = true;
            return scheduler.schedule(Promise.resolve(), `take ${n}`).then(() => {
              isBusy = false;
            });
          };
          const present = (n: number) =>
            isSlow ? scheduler.schedule(Promise.resolve(n), `present ${n}`) : n;
          const real = openPush(isEndless ? Number.POSITIVE_INFINITY : 5, present);
          const deliver = () => outcomeOf(real.values.deliverTo(take).then(() => done));
          const delivery = early ? deliver() : undefined;
          const used = steps.filter((step) => step !== 'next' && (!isEndless || step === 'push'));
          const sequence = scheduler.scheduleSequence(
            used.map((step) => ({
              label: step,
              builder: async () => void real.steps[step as Exclude<Step, 'next'>](),
            })),
          );
          await scheduler.waitFor(sequence.task);
          if (fails) real.steps.fail();
          else real.steps.end();
          const outcome = await scheduler.waitFor(delivery ?? deliver());
          expect(taken).toEqual(numbers(taken.length));
          if (isEndless) expect([taken.length, outcome]).toEqual([real.pushed(), fails ? 'lost' : 'done']);
          await real.values.closed;
          expect(real.onEnd).toHaveBeenCalledTimes(1);
        },
      ),
    ));

  it('hands a value on within push() if it can be presented and taken at once', () => {
    const { values, steps } = openPush(3, (n) => n);
    const taken: number[] = [];
    void values.deliverTo((n) => {
      taken.push(n);
      return undefined;
    });
    steps.push();
    expect(taken).toEqual([0]);
    steps.push();
    expect(taken).toEqual([0, 1]);
  });

  it('withholds from a taker what is being presented when it is left, and ends the delivery', async () => {
    const presented = Promise.withResolvers<number>();
    const { values, steps } = openPush(3, () => presented.promise);
    const take = vi.fn(() => undefined);
    const delivery = values.deliverTo(take);
    steps.push();
    await values.return();
    await delivery;
    presented.resolve(0);
    await setImmediate();
    expect(take).not.toHaveBeenCalled();
  });

  it.each<[string, (n: number) => number | Promise<number>, (n: number) => Promise<void> | undefined]>([
    ['presenting', () => Promise.reject(new Error('odd')), () => undefined],
    [
      'presenting at once',
      () => {
        throw new Error('odd');
      },
      () => undefined,
    ],
    ['taking', (n) => n, () => Promise.reject(new Error('odd'))],
    [
      'taking at once',
      (n) => n,
      () => {
        throw new Error('odd');
      },
    ],
  ])('ends, and rejects the delivery, if %s fails', async (_, present, take) => {
    const { values, steps, onEnd } = openPush(3, present);
    const delivery = values.deliverTo(take);
    steps.push();
    await expect(delivery).rejects.toThrow('odd');
    await values.closed;
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('has ended before it reports an overflow', () => {
    const { steps, onEnd, onOverflow } = openPush(2);
    onOverflow.mockImplementation(() => expect(onEnd).toHaveBeenCalledTimes(1));
    for (let n = 0; n < 4; n++) steps.push();
    expect(onOverflow).toHaveBeenCalledTimes(1);
  });
});
