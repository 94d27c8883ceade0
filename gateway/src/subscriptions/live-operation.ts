import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLRequestContext } from '@apollo/server';
import type { Logger } from '@rookery/service';
import type { OperationContext } from '../context.ts';
import type { Permitted, Restore } from '../permissions/permitted.ts';
import type { Graph } from '../supergraph.ts';
import type { SubscriptionPlan, SubscriptionPlans } from './plan.ts';

/** A request of the subscription type that has parsed and validated. */
export type SubscriptionRequest = GraphQLRequestContext<OperationContext> &
  Required<Pick<GraphQLRequestContext<OperationContext>, 'document' | 'operation' | 'queryHash' | 'source'>>;

/** What stays the same for all events of one subscription, as long as it may have the same. */
export interface LiveOperation {
  readonly graph: Graph;
  readonly plan: SubscriptionPlan;
  readonly subgraphs: ReadonlyMap<string, GraphQLDataSource>;
  /** What Apollo Server knows of the request. */
  readonly request: object;
  /** The client's, as they came. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Equal where another subscription on the same upstream has the same answers. */
  readonly key: string;
  /** Puts into the answer what may not be had and so was not asked for. */
  readonly restore: Restore | undefined;
  readonly log: Logger;
}

export interface LiveOperations {
  /** As the subscription begins: what is opened upstream. */
  readonly begun: LiveOperation;
  /**
   * As it may be answered by now. What is opened upstream may bring more: the plan does not ask for the rest of it.
   * @throws GraphQLError where it may not be had any more at all
   */
  readonly current: () => LiveOperation;
}

export const liveOperations = (
  graph: Graph,
  request: SubscriptionRequest,
  coerced: Readonly<Record<string, unknown>>,
  plans: SubscriptionPlans,
  log: Logger,
): LiveOperations => {
  const make = (permitted: Permitted, begun?: LiveOperation): LiveOperation => ({
    graph,
    plan: plans.plan({ graph, coerced, ...permitted }, begun?.plan),
    subgraphs: graph.services,
    request,
    variables: request.request.variables ?? {},
    key: JSON.stringify([permitted.queryHash, permitted.operation.name?.value, request.request.variables]),
    restore: permitted.restore,
    log,
  });
  const { document, operation, queryHash, contextValue } = request;
  const { recheck } = contextValue.subscription ?? {};
  const begun = make({ document, operation, queryHash, restore: contextValue.answer.restore });
  if (recheck === undefined) return { begun, current: () => begun };
  const known = new Map([[queryHash, begun]]);
  return {
    begun,
    current: () => {
      const permitted = recheck();
      const live = known.get(permitted.queryHash) ?? make(permitted, begun);
      known.set(permitted.queryHash, live);
      return live;
    },
  };
};
