import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import type { OperationPlans, Overrides, Variant } from '@rookery/federation-executor';
import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Graph } from '../supergraph/supergraph.ts';
import { type Resumption, resumption } from './resume.ts';

/** The name under which the event itself is served to the executor; no subgraph can be called that. */
export const eventService = '(event)';

/** Plan of a subscription: one fetch is the upstream subscription, and a plan runs for each of its events. */
export interface SubscriptionPlan {
  readonly variant: Variant;
  readonly upstream: FetchNode;
  readonly perEvent: QueryPlan;
  readonly resumption: Resumption | undefined;
}

export interface Planned {
  readonly graph: Graph;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Hash of the text of the document. */
  readonly hash: string;
  /** The variables, with defaults filled in. */
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly overrides: Overrides;
}

interface CachedPlans {
  readonly operation: OperationPlans;
  readonly plans: WeakMap<Variant, SubscriptionPlan>;
}

/** Plans of subscriptions, remembered for as long as the supergraph is served that they were made on. */
export class SubscriptionPlans {
  /** By graph; for the remaining part of an operation, by its original plan. */
  readonly #caches = new WeakMap<Graph | SubscriptionPlan, LRUCache<string, CachedPlans>>();

  /**
   * @param begun original plan, if it fetches more: its fields have the names that it gave them
   * @throws GraphQLError if no subgraph provides any selected field
   */
  plan(
    { graph, document, operation, hash, coerced, overrides }: Planned,
    begun?: SubscriptionPlan,
  ): SubscriptionPlan {
    const all = this.#cacheOf(begun ?? graph);
    const key = `${hash} ${operation.name?.value ?? ''}`;
    const known = all.get(key) ?? {
      operation: graph.executor.plansOf(document, operation, begun?.variant.names),
      plans: new WeakMap<Variant, SubscriptionPlan>(),
    };
    all.set(key, known);
    const variant = known.operation.variant(coerced, overrides);
    const plan = known.plans.get(variant) ?? makePlan(graph, variant);
    known.plans.set(variant, plan);
    return plan;
  }

  #cacheOf(since: Graph | SubscriptionPlan): LRUCache<string, CachedPlans> {
    const known = this.#caches.get(since) ?? new LRUCache<string, CachedPlans>({ max: 1_000 });
    this.#caches.set(since, known);
    return known;
  }
}

const makePlan = (graph: Graph, variant: Variant): SubscriptionPlan => {
  const { node } = variant.plan;
  if (node?.kind !== 'Subscription')
    throw new GraphQLError('A subscription must select a field that is always included.', {
      extensions: { code: 'BAD_REQUEST' },
    });
  const event: FetchNode = { ...node.primary, serviceName: eventService };
  return {
    variant,
    upstream: node.primary,
    resumption: resumption(graph.subgraphSchema(node.primary.serviceName), node.primary.operation),
    perEvent: {
      kind: 'QueryPlan',
      node: node.rest ? { kind: 'Sequence', nodes: [event, node.rest] } : event,
    },
  };
};
