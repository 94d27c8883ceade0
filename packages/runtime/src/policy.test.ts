import { describe, expect, test, vi } from 'vitest';
import { Registry } from './metrics.ts';
import { createPolicy, PolicyRefusalError } from './policy.ts';
import { policyMetrics } from './policy-metrics.ts';

const down = () => Promise.reject(new Error('down'));
const never = () => new Promise<never>(() => {});
const times = (n: number, run: () => Promise<unknown>) => Promise.allSettled(Array.from({ length: n }, run));

describe('retries', () => {
  test('try again what failed, and give what the last try gave', async () => {
    const policy = createPolicy({ name: 't', timeoutMs: 1_000, retries: { attempts: 2, initialDelayMs: 1 } });
    const call = vi.fn().mockRejectedValueOnce(new Error('once')).mockResolvedValue('answer');
    expect(await policy.execute(call)).toBe('answer');
    expect(call).toHaveBeenCalledTimes(2);
    const failing = vi.fn(down);
    await expect(policy.execute(failing)).rejects.toThrow('down');
    expect(failing).toHaveBeenCalledTimes(3);
  });

  test('never happen to what must not happen twice, nor for what the caller has brought about', async () => {
    const policy = createPolicy({
      name: 't',
      timeoutMs: 1_000,
      retries: { attempts: 2, initialDelayMs: 1 },
      tellsOfTarget: (error) => (error as Error).message !== 'bad request',
    });
    const failing = vi.fn(down);
    await expect(policy.execute(failing, { retry: false })).rejects.toThrow('down');
    expect(failing).toHaveBeenCalledTimes(1);
    const bad = vi.fn(() => Promise.reject(new Error('bad request')));
    await expect(policy.execute(bad)).rejects.toThrow('bad request');
    expect(bad).toHaveBeenCalledTimes(1);
  });

  test('cost no more than the budget, however many fail at once', async () => {
    const policy = createPolicy({
      name: 't',
      timeoutMs: 1_000,
      retries: { attempts: 3, initialDelayMs: 1, ratio: 0.1, burst: 5 },
    });
    const call = vi.fn(down);
    for (let wave = 0; wave < 4; wave++) await times(50, () => policy.execute(call));
    expect(call.mock.calls.length).toBeGreaterThan(200);
    expect(call.mock.calls.length).toBeLessThanOrEqual(200 + 5 + 200 * 0.1);
  });
});

describe('the breaker', () => {
  const breaker = { minimum: 5, size: 10, halfOpenAfterMs: 40, maxPauseMs: 40 };

  test('opens when half of the last calls failed, and then asks nothing', async () => {
    const policy = createPolicy({
      name: 't',
      timeoutMs: 1_000,
      breaker: { ...breaker, halfOpenAfterMs: 60_000, maxPauseMs: 60_000 },
    });
    const call = vi.fn(down);
    await times(5, () => policy.execute(call));
    expect(policy.state).toBe('open');
    await expect(policy.execute(call)).rejects.toMatchObject({ name: 'PolicyRefusalError', why: 'open' });
    expect(call).toHaveBeenCalledTimes(5);
  });

  test('lets one probe through after its pause; the probe decides, and nobody waits for it', async () => {
    const policy = createPolicy({ name: 't', timeoutMs: 1_000, breaker });
    await times(5, () => policy.execute(down));
    const { promise, resolve } = Promise.withResolvers<string>();
    const call = vi.fn(() => promise);
    let probe: Promise<string> | undefined;
    await vi.waitUntil(() => {
      const tried = policy.execute(call);
      tried.catch(() => {});
      if (policy.state === 'half-open') probe ??= tried;
      return probe !== undefined;
    }, 20_000);
    await expect(policy.execute(call)).rejects.toMatchObject({ why: 'open' });
    expect(call).toHaveBeenCalledTimes(1);
    resolve('well');
    expect(await probe).toBe('well');
    expect(policy.state).toBe('closed');
  });

  test('does not count what the caller has brought about: a bad request, or its leaving', async () => {
    const policy = createPolicy({ name: 't', timeoutMs: 1_000, breaker, tellsOfTarget: () => false });
    await times(20, () => policy.execute(down));
    expect(policy.state).toBe('closed');
    const leaving = createPolicy({ name: 't', timeoutMs: 1_000, breaker });
    await times(20, () => {
      const left = new AbortController();
      const call = leaving.execute(
        (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        { signal: left.signal },
      );
      setImmediate(() => left.abort(new Error('left')));
      return call;
    });
    expect(leaving.state).toBe('closed');
  });

  test('counts what is not answered in time', async () => {
    const policy = createPolicy({ name: 't', timeoutMs: 10, breaker });
    const [first] = await times(5, () => policy.execute(never));
    expect(first).toMatchObject({ status: 'rejected', reason: { why: 'late' } });
    expect(policy.state).toBe('open');
  });
});

test('the bulkhead lets so many at once, so many wait, and refuses the rest; the breaker does not mind', async () => {
  const policy = createPolicy({
    name: 't',
    timeoutMs: 5_000,
    bulkhead: { limit: 2, queue: 1 },
    breaker: { minimum: 1, size: 2 },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  let most = 0;
  let now = 0;
  const call = async () => {
    most = Math.max(most, ++now);
    await promise;
    now--;
  };
  let refused = 0;
  const outcomes = await times(6, () =>
    policy.execute(call).catch((error: unknown) => {
      // All that come too many are refused while the others are still at it.
      if (++refused === 3) resolve();
      throw error;
    }),
  );
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      expect(outcome.reason).toMatchObject(new PolicyRefusalError('t', 'full'));
  expect(most).toBe(2);
  expect(policy.state).toBe('closed');
});

test('metrics tell state, retries and refusals by name', async () => {
  const registry = new Registry();
  const policy = createPolicy({
    name: 'target',
    timeoutMs: 1_000,
    retries: { attempts: 1, initialDelayMs: 1 },
    breaker: { minimum: 4, size: 4 },
    metrics: policyMetrics(registry),
  });
  await times(4, () => policy.execute(down));
  await times(1, () => policy.execute(down));
  const text = await registry.metrics();
  expect(text).toContain('rookery_policy_breaker_state{policy="target",state="open"} 1');
  expect(text).toContain('rookery_policy_breaker_state{policy="target",state="closed"} 0');
  expect(text).toMatch(/rookery_policy_retries_total\{policy="target"\} [1-4]/);
  expect(text).toMatch(/rookery_policy_refusals_total\{policy="target",why="open"\} [1-9]/);
});
