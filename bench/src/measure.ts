/** Latencies of single operations. Milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  readonly perSecond: number;
}

const rank = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

export const latencies = (times: readonly number[], seconds: number): Latencies => {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    p50: rank(sorted, 0.5),
    p99: rank(sorted, 0.99),
    mean: times.reduce((sum, one) => sum + one, 0) / times.length,
    perSecond: times.length / seconds,
  };
};

/** Times of operations by their index, in milliseconds, and the duration of all of them in seconds. */
export interface OpenLoopTimes {
  readonly times: readonly number[];
  readonly seconds: number;
}

/**
 * Starts an operation at fixed times, whether or not earlier ones have ended, and measures from those times: so an operation
 * that is slow does not keep others from being measured.
 */
export const openLoop = async (
  perSecond: number,
  seconds: number,
  operation: (index: number) => Promise<unknown>,
): Promise<OpenLoopTimes> => {
  const total = Math.round(perSecond * seconds);
  const times = new Array<number>(total).fill(Number.NaN);
  const running: Promise<void>[] = [];
  const start = performance.now();
  for (let index = 0; index < total; index++) {
    const due = start + (index * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const one = operation(index).then(() => {
      times[index] = performance.now() - due;
    });
    // Reported at the end.
    one.catch(() => {});
    running.push(one);
  }
  await Promise.all(running);
  return { times, seconds: (performance.now() - start) / 1_000 };
};

/** Runs an operation `count` times, `inFlight` of them concurrently. */
export const repeat = async (
  count: number,
  inFlight: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Latencies> => {
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const began = performance.now();
      await operation(index);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return latencies(times, (performance.now() - start) / 1_000);
};

/** Runs two operations alternately, so that other load affects both alike. Returns the median run of each. */
export const alternate = async (
  rounds: number,
  one: (round: number) => Promise<Latencies>,
  other: (round: number) => Promise<Latencies>,
): Promise<readonly [Latencies, Latencies]> => {
  const runs: [Latencies[], Latencies[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    runs[0].push(await one(round));
    runs[1].push(await other(round));
  }
  return [median(runs[0]), median(runs[1])];
};

const median = (runs: readonly Latencies[]): Latencies => {
  const middle = runs.toSorted((a, b) => a.p50 - b.p50)[Math.floor(runs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  return middle;
};

/**
 * Waits until the condition is true.
 * @throws after `limit` milliseconds
 */
export const until = async (what: string, limit: number, holds: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + limit;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
