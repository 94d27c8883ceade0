import type { Overrides } from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import type { Permitted, Restore } from '../permissions/permitted.ts';
import type { OperationContext } from '../pipeline/context.ts';
import type { OperationVariables } from '../pipeline/execute.ts';
import type { Graph } from '../supergraph/supergraph.ts';
import type { SubscriptionPlan, SubscriptionPlans } from './plan.ts';

/** Constant data of all events of one subscription, as long as its permissions do not change. */
export interface LiveOperation {
  readonly graph: Graph;
  readonly plan: SubscriptionPlan;
  /** The client's, as they came. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Equal for subscriptions on the same upstream with the same responses. */
  readonly key: string;
  /** Adds denied fields, which are not fetched, to the response. */
  readonly restore: Restore | undefined;
  readonly log: Logger;
}

export interface LiveOperations {
  /** As the subscription begins: what is opened upstream. */
  readonly begun: LiveOperation;
  /**
   * Returns the operation with the current permissions. The upstream may send more fields, which the plan
   * ignores.
   * @throws GraphQLError if it is not permitted any more
   */
  readonly current: () => LiveOperation;
}

interface Making {
  readonly graph: Graph;
  readonly variables: OperationVariables;
  readonly overrides: Overrides;
  readonly plans: SubscriptionPlans;
  readonly log: Logger;
}

const make = (
  { graph, variables: { given, values: coerced }, overrides, plans, log }: Making,
  permitted: Permitted,
  begun?: LiveOperation,
): LiveOperation => {
  const { operation, hash, restore } = permitted;
  return {
    graph,
    plan: plans.plan({ graph, permitted, coerced, overrides }, begun?.plan),
    variables: given,
    key: JSON.stringify([hash, operation.name?.value, given, overrides.key]),
    restore,
    log,
  };
};

export const liveOperations = (
  graph: Graph,
  permitted: Permitted,
  variables: OperationVariables,
  context: OperationContext,
  { plans, log }: Pick<Making, 'plans' | 'log'>,
): LiveOperations => {
  const overrides = graph.executor.overridesOf(context);
  const making: Making = { graph, variables, overrides, plans, log };
  const begun = make(making, permitted);
  return permitted.recheck === undefined
    ? unchanging(begun)
    : { begun, current: rechecked(making, begun, permitted.hash, permitted.recheck) };
};

/** A function of its own, since what it returns keeps all that is in its scope. */
const unchanging = (begun: LiveOperation): LiveOperations => ({ begun, current: () => begun });

const rechecked = (
  making: Making,
  begun: LiveOperation,
  hash: string,
  recheck: () => Permitted,
): (() => LiveOperation) => {
  const known = new Map([[hash, begun]]);
  return () => {
    const permitted = recheck();
    const live = known.get(permitted.hash) ?? make(making, permitted, begun);
    known.set(permitted.hash, live);
    return live;
  };
};
