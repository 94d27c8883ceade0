import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type LeavableIterator, mapIterator, prepend, pullIterator, pushIterator } from './iterators.ts';

const done = { done: true, value: undefined } as const;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const collect = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
};
const never = (): Promise<never> => new Promise(() => {});

describe('pullIterator', () => {
  it('pulls only when it is asked for a value, and answers concurrent reads in order', async () => {
    let next = 0;
    const pull = vi.fn(async () => next++);
    const values = pullIterator(pull);
    await setImmediate();
    expect(pull).not.toHaveBeenCalled();
    const reads = [values.next(), values.next(), values.next()];
    expect(pull).toHaveBeenCalledTimes(1);
    expect(await Promise.all(reads)).toEqual(numbers(3).map((value) => ({ value, done: false })));
    expect(pull).toHaveBeenCalledTimes(3);
  });

  const leaving = {
    'return()': (values: LeavableIterator<number>) => values.return(),
    'throw()': (values: LeavableIterator<number>) => values.throw(new Error('left')).catch(() => {}),
    disposal: (values: LeavableIterator<number>) => values[Symbol.asyncDispose](),
    'an abort': async (_values: LeavableIterator<number>, abort: () => void) => abort(),
  };
  it.each(Object.entries(leaving))(
    '%s ends a pending next() at once, and tells the source',
    async (_, leave) => {
      const onEnd = vi.fn();
      const abort = new AbortController();
      let told: AbortSignal | undefined;
      const values = pullIterator<number>(
        (signal) => {
          told = signal;
          return never();
        },
        { onEnd, signal: abort.signal },
      );
      const pending = values.next();
      await leave(values, () => abort.abort());
      expect(await pending).toEqual(done);
      expect(told?.aborted).toBe(true);
      await values.return();
      abort.abort();
      expect(onEnd).toHaveBeenCalledTimes(1);
      expect(await values.next()).toEqual(done);
    },
  );

  it('ends if the source ends or fails', async () => {
    const onEnd = vi.fn();
    expect(await pullIterator(async () => undefined, { onEnd }).next()).toEqual(done);
    const failing = pullIterator(() => Promise.reject(new Error('lost')), { onEnd });
    const [failed, after] = await Promise.allSettled([failing.next(), failing.next()]);
    expect(failed).toMatchObject({ status: 'rejected', reason: new Error('lost') });
    expect(after).toEqual({ status: 'fulfilled', value: done });
    expect(onEnd).toHaveBeenCalledTimes(2);
  });

  it('ends at once if its signal is aborted already', async () => {
    const onEnd = vi.fn();
    const values = pullIterator(async () => 1, { onEnd, signal: AbortSignal.abort() });
    expect(await values.next()).toEqual(done);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('resolves return() after the cleanup, and rejects it if the cleanup fails', async () => {
    const cleanup = Promise.withResolvers<void>();
    const values = pullIterator(async () => 1, { onEnd: () => cleanup.promise });
    const left = vi.fn();
    const leaving = values.return().then(left);
    await setImmediate();
    expect(left).not.toHaveBeenCalled();
    cleanup.resolve();
    await leaving;
    const failing = pullIterator(async () => 1, { onEnd: () => Promise.reject(new Error('stuck')) });
    await expect(failing.return()).rejects.toThrow('stuck');
  });

  it('can leave a pending next() unsettled', async () => {
    const values = pullIterator<number>(never, { abandonsPending: true });
    const settled = vi.fn();
    void values.next().then(settled);
    await values.return();
    await setImmediate();
    expect(settled).not.toHaveBeenCalled();
    expect(await values.next()).toEqual(done);
  });
});

describe('iterators over others', () => {
  const source = (count: number) => {
    const onEnd = vi.fn();
    let next = 0;
    return Object.assign(
      pullIterator(async () => (next < count ? next++ : undefined), { onEnd }),
      { onEnd },
    );
  };

  it('map each value, and leave the source with its reader or when mapping fails', async () => {
    const whole = source(3);
    expect(await collect(mapIterator(whole, (n) => n * 2))).toEqual([0, 2, 4]);
    const left = source(3);
    await mapIterator(left, (n) => n).return();
    const failed = source(3);
    await expect(mapIterator(failed, () => Promise.reject(new Error('odd'))).next()).rejects.toThrow('odd');
    for (const { onEnd } of [whole, left, failed]) expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('have one value first, and leave the rest even before it is read', async () => {
    expect(await collect(prepend(-1, source(3)))).toEqual([-1, 0, 1, 2]);
    const left = source(3);
    await prepend(-1, left).return();
    expect(left.onEnd).toHaveBeenCalledTimes(1);
  });
});

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
