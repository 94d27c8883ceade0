import type { QueryPlan } from '@apollo/query-planner';
import { LRUCache } from 'lru-cache';

/** Query plans of one version of the supergraph, as Apollo's gateway asks for them. */
export class PlanCache {
  readonly #plans = new LRUCache<string, QueryPlan>({ max: 2_000 });

  put(key: string, plan: QueryPlan): void {
    this.#plans.set(key, plan);
  }

  async get(key: string): Promise<QueryPlan | undefined> {
    return this.#plans.get(key);
  }

  async set(key: string, plan: QueryPlan): Promise<void> {
    this.#plans.set(key, plan);
  }

  async delete(key: string): Promise<boolean> {
    return this.#plans.delete(key);
  }

  async clear(): Promise<void> {
    this.#plans.clear();
  }
}
