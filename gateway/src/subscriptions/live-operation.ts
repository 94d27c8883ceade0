import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLRequestContext } from '@apollo/server';
import type { Overrides } from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import type { Permitted, Restore } from '../permissions/permitted.ts';
import type { OperationContext } from '../pipeline/context.ts';
import type { Graph } from '../supergraph/supergraph.ts';
import type { SubscriptionPlan, SubscriptionPlans } from './plan.ts';

/** A request of the subscription type that has parsed and validated. */
export type SubscriptionRequest = GraphQLRequestContext<OperationContext> &
  Required<Pick<GraphQLRequestContext<OperationContext>, 'document' | 'operation' | 'queryHash' | 'source'>>;

/** Constant data of all events of one subscription, as long as its permissions do not change. */
export interface LiveOperation {
  readonly graph: Graph;
  readonly plan: SubscriptionPlan;
  readonly subgraphs: ReadonlyMap<string, GraphQLDataSource>;
  /**
   * Part of the request of Apollo Server that is shared with similar ones, since it is kept as long as the
   * subscription.
   */
  readonly request: object;
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
  /** The client's, as they came, and with defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly overrides: Overrides;
  readonly plans: SubscriptionPlans;
  readonly log: Logger;
}

const make = (
  { graph, variables, coerced, overrides, plans, log }: Making,
  { document, operation, queryHash, restore }: Permitted,
  begun?: LiveOperation,
): LiveOperation => ({
  graph,
  plan: plans.plan({ graph, coerced, overrides, document, operation, queryHash }, begun?.plan),
  subgraphs: graph.services,
  request: { document, operation, queryHash },
  variables,
  key: JSON.stringify([queryHash, operation.name?.value, variables, overrides.key]),
  restore,
  log,
});

export const liveOperations = (
  graph: Graph,
  { document, operation, queryHash, contextValue, request: { variables = {} } }: SubscriptionRequest,
  coerced: Readonly<Record<string, unknown>>,
  plans: SubscriptionPlans,
  log: Logger,
): LiveOperations => {
  const overrides = graph.executor.overridesOf(contextValue);
  const making: Making = { graph, variables, coerced, overrides, plans, log };
  const begun = make(making, { document, operation, queryHash, restore: contextValue.answer.restore });
  const recheck = contextValue.subscription?.recheck;
  return recheck === undefined
    ? unchanging(begun)
    : { begun, current: rechecked(making, begun, queryHash, recheck) };
};

/** A function of its own, since what it returns keeps all that is in its scope. */
const unchanging = (begun: LiveOperation): LiveOperations => ({ begun, current: () => begun });

const rechecked = (
  making: Making,
  begun: LiveOperation,
  queryHash: string,
  recheck: () => Permitted,
): (() => LiveOperation) => {
  const known = new Map([[queryHash, begun]]);
  return () => {
    const permitted = recheck();
    const live = known.get(permitted.queryHash) ?? make(making, permitted, begun);
    known.set(permitted.queryHash, live);
    return live;
  };
};
