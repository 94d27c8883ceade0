import { Counter, Gauge, type Registry } from 'prom-client';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Reason why a policy ended a call. */
export type Refusal = 'open' | 'full' | 'late';

/** Observers of the policies of a process; one object for all of them. */
export interface PolicyMetrics {
  readonly state: (name: string, state: BreakerState) => void;
  readonly retry: (name: string) => void;
  readonly refusal: (name: string, why: Refusal) => void;
}

export const policyMetrics = (registry: Registry): PolicyMetrics => {
  const registers = [registry];
  const states = new Gauge({
    name: 'rookery_policy_breaker_state',
    help: '1 for the current state of the circuit breaker',
    labelNames: ['policy', 'state'],
    registers,
  });
  const retries = new Counter({
    name: 'rookery_policy_retries_total',
    help: 'calls that were retried',
    labelNames: ['policy'],
    registers,
  });
  const refusals = new Counter({
    name: 'rookery_policy_refusals_total',
    help: 'calls ended by the policy: breaker open, bulkhead full, too late',
    labelNames: ['policy', 'why'],
    registers,
  });
  return {
    state: (policy, now) => {
      for (const state of ['closed', 'half-open', 'open'])
        states.set({ policy, state }, state === now ? 1 : 0);
    },
    retry: (policy) => retries.inc({ policy }),
    refusal: (policy, why) => refusals.inc({ policy, why }),
  };
};
