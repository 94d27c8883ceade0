import { operationFromDocument } from '@apollo/federation-internals';
import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Graph } from '../supergraph.ts';
import { type Resumption, resumption } from './resume.ts';

/** The name under which the event itself is served to the executor; no subgraph can be called that. */
export const eventService = '(event)';

/** How a subscription runs: one fetch is the upstream subscription, a plan runs on each of its events. */
export interface SubscriptionPlan {
  readonly upstream: FetchNode;
  readonly perEvent: QueryPlan;
  readonly resumption: Resumption | undefined;
}

/** Plans of subscriptions, remembered for as long as the supergraph is served that they were made on. */
export class SubscriptionPlans {
  readonly #byGraph = new WeakMap<Graph, LRUCache<string, SubscriptionPlan>>();

  /**
   * @param hash of the document's text
   * @throws GraphQLError where the operation selects nothing that a subgraph could send
   */
  plan(
    graph: Graph,
    hash: string,
    document: DocumentNode,
    operation: OperationDefinitionNode,
  ): SubscriptionPlan {
    const plans = this.#byGraph.get(graph) ?? new LRUCache<string, SubscriptionPlan>({ max: 1_000 });
    this.#byGraph.set(graph, plans);
    const key = `${hash} ${operation.name?.value ?? ''}`;
    const known = plans.get(key);
    if (known) return known;
    const made = makePlan(graph, document, operation);
    plans.set(key, made);
    return made;
  }
}

const makePlan = (
  graph: Graph,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): SubscriptionPlan => {
  const named = operation.name === undefined ? {} : { operationName: operation.name.value };
  const { node } = graph.planner.buildQueryPlan(operationFromDocument(graph.apiSchema, document, named));
  if (node?.kind !== 'Subscription')
    throw new GraphQLError('A subscription must select a field that is always included.', {
      extensions: { code: 'BAD_REQUEST' },
    });
  const event: FetchNode = { ...node.primary, serviceName: eventService };
  return {
    upstream: node.primary,
    resumption: resumption(graph.subgraphSchema(node.primary.serviceName), node.primary.operation),
    perEvent: {
      kind: 'QueryPlan',
      node: node.rest ? { kind: 'Sequence', nodes: [event, node.rest] } : event,
    },
  };
};
