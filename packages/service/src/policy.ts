import {
  BrokenCircuitError,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
} from 'cockatiel';
import { BulkheadFullError, type BulkheadOptions, FairBulkhead } from './fair-bulkhead.ts';
import type { BreakerState, PolicyMetrics, Refusal } from './policy-metrics.ts';
import { RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';

export interface PolicyOptions {
  /** What is called: the name in metrics. */
  readonly name: string;
  /** Longest wait for one try, in milliseconds. Absent: the call keeps the time by itself, and throws TooLate. */
  readonly timeoutMs?: number;
  /** Absent: nothing is tried twice. */
  readonly retries?: RetryOptions;
  /** Absent: a target that is down is asked all the same. */
  readonly breaker?: BreakerOptions;
  /** Absent: any number at once. */
  readonly bulkhead?: BulkheadOptions;
  /**
   * Whether this failure tells of an unwell target. Those alone are tried again and open the breaker; what the
   * caller has brought about must not. Default: all do.
   */
  readonly tellsOfTarget?: (error: unknown) => boolean;
  /** Decides whether a failure of an unwell target is tried again. Default: all are. */
  readonly isRetryable?: (error: unknown) => boolean;
  readonly metrics?: PolicyMetrics;
}

export interface RetryOptions extends RetryBudgetOptions {
  /** After the first try. */
  readonly attempts: number;
  /** Before the first retry, in milliseconds; doubles, with jitter. Default 50. */
  readonly initialDelay?: number;
}

export interface BreakerOptions {
  /** Share of the last calls whose failure opens it. Default 0.5. */
  readonly threshold?: number;
  /** How many calls are looked at. Default 20. */
  readonly size?: number;
  /** No fewer decide. Default 10. */
  readonly minimum?: number;
  /** How long nothing is asked before a probe, in milliseconds; doubles with each that fails, with jitter. Default 500. */
  readonly halfOpenAfter?: number;
  /** The longest that gets. Default 10,000. */
  readonly longestPause?: number;
}

export interface CallOptions {
  /** Ends the call; that is no failure of the target. */
  readonly signal?: AbortSignal;
  /** False for what must not happen twice. Default true. */
  readonly retry?: boolean;
  /** On whose behalf it is called: the bulkhead keeps one caller from taking everybody's places. */
  readonly caller?: string;
}

export interface Policy {
  readonly state: BreakerState;
  /**
   * @throws what `call` throws; PolicyRefusal where it was not called, or not answered in time
   */
  execute<T>(call: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
}

/** The policy, not the target, ended a call. */
export class PolicyRefusal extends Error {
  override name = 'PolicyRefusal';
  readonly why: Refusal;
  constructor(name: string, why: Refusal) {
    super(
      `${name}: ${{ open: 'its breaker is open', full: 'too much under way', late: 'no answer in time' }[why]}`,
    );
    this.why = why;
  }
}

/** One try was not answered in time. */
export class TooLate extends TaskCancelledError {
  constructor(limit: number) {
    super(`no answer in ${limit} ms`);
  }
}

/** For calls that keep the time by themselves. */
const notLate = new AbortController().signal;

/** A failure that is to be tried again, on its way to the retry policy. */
class Again extends Error {
  constructor(cause: unknown) {
    super('again', { cause });
  }
}

const stateNames: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof BrokenCircuitError) return 'open';
  if (error instanceof BulkheadFullError) return 'full';
  if (error instanceof TaskCancelledError) return 'late';
  return undefined;
};

/**
 * How one target is called: retry( breaker( bulkhead( timeout( call )))). Every try counts for the breaker and
 * takes a place of its own. A call that finds the breaker open or the place full is not tried again, nor one that
 * was not answered in time: its caller has waited long enough, and the target has work enough.
 */
export const createPolicy = (options: PolicyOptions): Policy => {
  const { name, timeoutMs, metrics, retries, tellsOfTarget = () => true, isRetryable = () => true } = options;
  const unwell = (error: unknown): boolean => {
    const why = refusalOf(error);
    return why === undefined ? tellsOfTarget(error) : why === 'late';
  };
  const circuit = options.breaker && breakerOf(options.breaker, unwell);
  // One in the other by hand: the library's `wrap`, and policies that do nothing, cost each call as much again.
  const places = options.bulkhead && new FairBulkhead(options.bulkhead);
  const placed = <T>(call: () => Promise<T>, caller?: string): Promise<T> =>
    places ? places.execute(call, caller) : call();
  const guarded = <T>(call: () => Promise<T>, caller?: string): Promise<T> =>
    circuit ? circuit.execute(() => placed(call, caller)) : placed(call, caller);
  const again = retry(
    handleWhen((error) => error instanceof Again),
    {
      maxAttempts: retries?.attempts ?? 0,
      backoff: new ExponentialBackoff({ initialDelay: retries?.initialDelay ?? 50, maxDelay: 1_000 }),
    },
  );
  const budget = retries && new RetryBudget(retries);
  metrics?.state(name, 'closed');
  circuit?.onStateChange((state) => metrics?.state(name, stateNames[state]));

  const once = async <T>(
    call: (signal: AbortSignal) => Promise<T>,
    { signal, caller }: CallOptions,
  ): Promise<T> => {
    // One probe decides; nobody else waits for a target that may be hanging.
    if (circuit?.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    // Not given to the policies, which could not tell the caller's leaving from a target that is too slow.
    const tried = signal ? (late: AbortSignal) => untilLeft(call, late, signal) : call;
    return guarded(() => (timeoutMs === undefined ? tried(notLate) : inTime(timeoutMs, tried)), caller);
  };

  /** What has failed once, as often as it may be tried again. */
  const retried = <T>(
    first: unknown,
    call: (signal: AbortSignal) => Promise<T>,
    attempts: number,
    options: CallOptions,
  ): Promise<T> =>
    again.execute(async ({ attempt }) => {
      let failure = first;
      if (attempt > 0)
        try {
          return await once(call, options);
        } catch (error) {
          failure = error;
        }
      const worth =
        attempt < attempts &&
        !options.signal?.aborted &&
        !refusalOf(failure) &&
        unwell(failure) &&
        isRetryable(failure);
      if (!worth || !budget?.take()) throw failure;
      metrics?.retry(name);
      throw new Again(failure);
    }, options.signal);

  return {
    get state() {
      return circuit ? stateNames[circuit.state] : 'closed';
    },
    execute: async (call, options = {}) => {
      budget?.deposit();
      try {
        const first = once(call, options);
        if (options.retry === false || !retries) return await first;
        // Most calls succeed at once, and then the policy for the others costs them nothing.
        return await first.catch((error) => retried(error, call, retries.attempts, options));
      } catch (thrown) {
        const error = thrown instanceof Again || thrown instanceof CallerLeft ? thrown.cause : thrown;
        const why = refusalOf(error);
        if (why === undefined) throw error;
        metrics?.refusal(name, why);
        throw new PolicyRefusal(name, why);
      }
    },
  };
};

/**
 * Gives a call up when it is late. The library's own timeout aborts its signal after every call, also one that was
 * in time, which costs an exception with a stack for each.
 */
const inTime = <T>(limit: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const late = new TooLate(limit);
      controller.abort(late);
      reject(late);
    }, limit);
    call(controller.signal).then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });

/** A call that its caller may leave. @throws CallerLeft where the caller has */
const untilLeft = async <T>(
  call: (signal: AbortSignal) => Promise<T>,
  late: AbortSignal,
  caller: AbortSignal,
): Promise<T> => {
  if (caller.aborted) throw new CallerLeft(caller.reason);
  try {
    return await call(AbortSignal.any([late, caller]));
  } catch (error) {
    throw caller.aborted ? new CallerLeft(error) : error;
  }
};

/** The caller gave up: whatever the call then threw says nothing of the target. */
class CallerLeft extends Error {
  constructor(cause: unknown) {
    super('the caller left', { cause });
  }
}

const breakerOf = (
  { threshold = 0.5, size = 20, minimum = 10, halfOpenAfter = 500, longestPause = 10_000 }: BreakerOptions,
  unwell: (error: unknown) => boolean,
) =>
  circuitBreaker(
    handleWhen((error) => !(error instanceof CallerLeft) && unwell(error)),
    {
      breaker: new CountBreaker({ threshold, size, minimumNumberOfCalls: minimum }),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: halfOpenAfter, maxDelay: longestPause }),
    },
  );
