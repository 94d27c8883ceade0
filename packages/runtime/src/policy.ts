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
  /** Name of the target in metrics. */
  readonly name: string;
  /** Time-out of one attempt in milliseconds. Absent: the call has its own time-out and throws CallTimeoutError. */
  readonly timeoutMs?: number;
  /** Absent: no retries. */
  readonly retries?: RetryOptions;
  /** Absent: a target that is down is called nevertheless. */
  readonly breaker?: BreakerOptions;
  /** Absent: any number of concurrent calls. */
  readonly bulkhead?: BulkheadOptions;
  /**
   * Returns whether the failure indicates an unhealthy target. Only such failures are retried and count for
   * the breaker; those caused by the caller must not. Default: all.
   */
  readonly tellsOfTarget?: (error: unknown) => boolean;
  /** Returns whether a failure of an unhealthy target is retried. Default: all are. */
  readonly isRetryable?: (error: unknown) => boolean;
  readonly metrics?: PolicyMetrics;
}

interface RetryOptions extends RetryBudgetOptions {
  /** Maximum number of retries. */
  readonly attempts: number;
  /** Delay before the first retry in milliseconds; doubles, with jitter. Default 50. */
  readonly initialDelayMs?: number;
}

interface BreakerOptions {
  /** Share of failures among the last calls that opens the breaker. Default 0.5. */
  readonly threshold?: number;
  /** Number of last calls that count. Default 20. */
  readonly size?: number;
  /** Minimum number of calls for a decision. Default 10. */
  readonly minimum?: number;
  /** Pause before a probe, in milliseconds; doubles after each failed probe, with jitter. Default 500. */
  readonly halfOpenAfterMs?: number;
  /** Maximum of that pause. Default 10,000. */
  readonly maxPauseMs?: number;
}

interface CallOptions {
  /** Cancels the call, which is no failure of the target. */
  readonly signal?: AbortSignal;
  /** False if the call must not be repeated. Default true. */
  readonly retry?: boolean;
  /** Caller of the call: the bulkhead limits the share of each caller. */
  readonly caller?: string;
}

export interface Policy {
  readonly state: BreakerState;
  /** @throws the error of `call`; PolicyRefusalError if the call was refused or timed out */
  execute<T>(call: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
}

/** The policy, and not the target, ended the call. */
export class PolicyRefusalError extends Error {
  override name = 'PolicyRefusalError';
  readonly why: Refusal;
  constructor(name: string, why: Refusal) {
    super(
      `${name}: ${{ open: 'its breaker is open', full: 'too much under way', late: 'no answer in time' }[why]}`,
    );
    this.why = why;
  }
}

/** An attempt timed out. */
export class CallTimeoutError extends TaskCancelledError {
  constructor(limit: number) {
    super(`no answer in ${limit} ms`);
  }
}

/** Signal for calls with their own time-out. */
const notLate = new AbortController().signal;

/** Wraps a failure that the retry policy must retry. */
class RetryableError extends Error {
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
 * Creates the policy for calls of one target: retry( breaker( bulkhead( timeout( call )))). Each attempt
 * counts for the breaker and takes capacity of its own. A call that finds the breaker open or no capacity is
 * not retried, and neither is one that timed out: its caller has waited long enough, and the target is busy.
 */
export const createPolicy = (options: PolicyOptions): Policy => {
  const { name, timeoutMs, metrics, retries, tellsOfTarget = () => true, isRetryable = () => true } = options;
  const unwell = (error: unknown): boolean => {
    const why = refusalOf(error);
    return why === undefined ? tellsOfTarget(error) : why === 'late';
  };
  const circuit = options.breaker && breakerOf(options.breaker, unwell);
  // Nested by hand: the `wrap` of the library, and policies that do nothing, would double the cost of each
  // call.
  const places = options.bulkhead && new FairBulkhead(options.bulkhead);
  const placed = <T>(call: () => Promise<T>, caller?: string): Promise<T> =>
    places ? places.execute(call, caller) : call();
  const guarded = <T>(call: () => Promise<T>, caller?: string): Promise<T> =>
    circuit ? circuit.execute(() => placed(call, caller)) : placed(call, caller);
  const again = retry(
    handleWhen((error) => error instanceof RetryableError),
    {
      maxAttempts: retries?.attempts ?? 0,
      backoff: new ExponentialBackoff({ initialDelay: retries?.initialDelayMs ?? 50, maxDelay: 1_000 }),
    },
  );
  const budget = retries && new RetryBudget(retries);
  metrics?.state(name, 'closed');
  circuit?.onStateChange((state) => metrics?.state(name, stateNames[state]));

  const once = async <T>(
    call: (signal: AbortSignal) => Promise<T>,
    { signal, caller }: CallOptions,
  ): Promise<T> => {
    // A single probe decides; no other call waits for a target that may hang.
    if (circuit?.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    // Not passed to the policies, which could not distinguish a caller that leaves from a target that is too
    // slow.
    const tried = signal ? (late: AbortSignal) => untilLeft(call, late, signal) : call;
    return guarded(() => (timeoutMs === undefined ? tried(notLate) : inTime(timeoutMs, tried)), caller);
  };

  /** Retries a failed call as often as allowed. */
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
      throw new RetryableError(failure);
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
        // Most calls succeed at once and then pay nothing for the retry policy.
        return await first.catch((error) => retried(error, call, retries.attempts, options));
      } catch (thrown) {
        const error =
          thrown instanceof RetryableError || thrown instanceof CallerLeftError ? thrown.cause : thrown;
        const why = refusalOf(error);
        if (why === undefined) throw error;
        metrics?.refusal(name, why);
        throw new PolicyRefusalError(name, why);
      }
    },
  };
};

/**
 * Cancels a call that is late. The time-out of the library aborts its signal after every call, even a timely
 * one, which costs an exception with a stack each time.
 */
const inTime = <T>(limit: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const late = new CallTimeoutError(limit);
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

/**
 * Runs a call that its caller may abandon.
 * @throws CallerLeftError if it does
 */
const untilLeft = async <T>(
  call: (signal: AbortSignal) => Promise<T>,
  late: AbortSignal,
  caller: AbortSignal,
): Promise<T> => {
  if (caller.aborted) throw new CallerLeftError(caller.reason);
  try {
    return await call(AbortSignal.any([late, caller]));
  } catch (error) {
    throw caller.aborted ? new CallerLeftError(error) : error;
  }
};

/** The caller left: a later error of the call says nothing about the target. */
class CallerLeftError extends Error {
  constructor(cause: unknown) {
    super('the caller left', { cause });
  }
}

const breakerOf = (
  { threshold = 0.5, size = 20, minimum = 10, halfOpenAfterMs = 500, maxPauseMs = 10_000 }: BreakerOptions,
  unwell: (error: unknown) => boolean,
) =>
  circuitBreaker(
    handleWhen((error) => !(error instanceof CallerLeftError) && unwell(error)),
    {
      breaker: new CountBreaker({ threshold, size, minimumNumberOfCalls: minimum }),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: halfOpenAfterMs, maxDelay: maxPauseMs }),
    },
  );
