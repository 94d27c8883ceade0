import type { SubgraphAnswer, SubgraphFetch } from '@rookery/federation-executor';
import type { OperationContext } from '../pipeline/context.ts';

/** The way to one subgraph. */
export interface SubgraphService {
  /** Sends a fetch on behalf of a client. */
  fetch(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer>;
}
