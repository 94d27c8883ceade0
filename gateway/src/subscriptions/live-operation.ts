import type { executeQueryPlan, GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLRequestContext } from '@apollo/server';
import type { Logger } from '@rookery/service';
import type { OperationContext } from '../context.ts';
import type { Permitted, Restore } from '../permissions/permissions.ts';
import type { Graph } from '../supergraph.ts';
import type { SubscriptionPlan, SubscriptionPlans } from './plan.ts';

export type ExecutorRequest = Parameters<typeof executeQueryPlan>[2];

/** A request of the subscription type that has parsed and validated. */
export type SubscriptionRequest = GraphQLRequestContext<OperationContext> &
  Required<Pick<GraphQLRequestContext<OperationContext>, 'document' | 'operation' | 'queryHash' | 'source'>>;

/** What stays the same for all events of one subscription, as long as it may have the same. */
export interface LiveOperation {
  readonly graph: Graph;
  readonly plan: SubscriptionPlan;
  readonly subgraphs: ReadonlyMap<string, GraphQLDataSource>;
  /** What Apollo Server knows of the request. */
  readonly request: Omit<ExecutorRequest, 'metrics' | 'context'>;
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
  plans: SubscriptionPlans,
  log: Logger,
): LiveOperations => {
  const make = ({ document, operation, queryHash, restore }: Permitted): LiveOperation => ({
    graph,
    plan: plans.plan(graph, queryHash, document, operation),
    subgraphs: graph.services,
    request: executorRequest(request, { document, operation, queryHash }),
    key: JSON.stringify([queryHash, operation.name?.value, request.request.variables]),
    restore,
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
      const live = known.get(permitted.queryHash) ?? make(permitted);
      known.set(permitted.queryHash, live);
      return live;
    },
  };
};

const executorRequest = (
  context: SubscriptionRequest,
  { document, operation, queryHash }: Pick<Permitted, 'document' | 'operation' | 'queryHash'>,
): LiveOperation['request'] => ({
  // Without http: nothing is asked of the executor that depends on it.
  request: {
    query: context.source,
    variables: context.request.variables ?? {},
  },
  logger: context.logger,
  schema: context.schema,
  schemaHash: '' as LiveOperation['request']['schemaHash'],
  cache: context.cache,
  queryHash,
  document,
  source: context.source,
  operationName: operation.name?.value ?? null,
  operation,
  overallCachePolicy: context.overallCachePolicy,
});
