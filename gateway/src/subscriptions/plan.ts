import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import type { OperationPlans, Overrides, Variant } from '@rookery/federation-executor';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Permitted } from '../permissions/permitted.ts';
import type { Graph } from '../supergraph/supergraph.ts';
import { type Resumption, resumption } from './resume.ts';

/** The name under which the event itself is served to the executor; no subgraph can be called that. */
export const eventService = '(event)';

/** Plan of a subscription: one fetch is the upstream subscription, and a plan runs for each of its events. */
export interface SubscriptionPlan {
  readonly variant: Variant;
  readonly upstream: FetchNode;
  readonly perEvent: QueryPlan;
  /** True if an event needs no other fetch, and no rewrite. */
  readonly isWhole: boolean;
  readonly resumption: Resumption | undefined;
}

/** A subscription of one client, as far as it is permitted. */
export interface Planned {
  readonly graph: Graph;
  readonly permitted: Permitted;
  /** The variables, with defaults filled in. */
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly overrides: Overrides;
}

/** Forms that are remembered of one subscription, of which some fields are not permitted any more. */
const maxRemainders = 1_000;

/** Plans of subscriptions, remembered for as long as the plans of their operations are. */
export class SubscriptionPlans {
  readonly #plans = new WeakMap<Variant, SubscriptionPlan>();
  /** Plans of the remaining parts of operations, by the original plan. */
  readonly #remainders = new WeakMap<SubscriptionPlan, LRUCache<string, OperationPlans>>();

  /**
   * @param begun original plan, if it fetches more: its fields have the names that it gave them
   * @throws GraphQLError if no subgraph provides any selected field
   */
  plan({ graph, permitted, coerced, overrides }: Planned, begun?: SubscriptionPlan): SubscriptionPlan {
    const operation = begun ? this.#remainder(graph, permitted, begun) : permitted.plans;
    const variant = operation.variant(coerced, overrides);
    const plan = this.#plans.get(variant) ?? makePlan(graph, variant);
    this.#plans.set(variant, plan);
    return plan;
  }

  #remainder(
    { executor }: Graph,
    { document, operation, hash }: Permitted,
    begun: SubscriptionPlan,
  ): OperationPlans {
    const all = this.#remainders.get(begun) ?? new LRUCache<string, OperationPlans>({ max: maxRemainders });
    this.#remainders.set(begun, all);
    const known = all.get(hash) ?? executor.plansOf(document, operation, begun.variant.names);
    all.set(hash, known);
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
    isWhole: !node.rest && !event.outputRewrites?.length && variant.readBacks === undefined,
  };
};
