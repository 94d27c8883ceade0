import type { SubgraphAnswer, SubgraphFetch } from '@rookery/federation-executor';
import type { OperationContext } from '../pipeline/context.ts';

/** The way to one subgraph. */
export interface SubgraphService {
  /** Sends a fetch on behalf of a client. */
  fetch(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer>;
  /** Like `fetch`, but leaves an answer as it came that the subgraph says is data alone. Undefined: not supported. */
  fetchBytes?(fetch: SubgraphFetch, context: OperationContext): Promise<SubgraphAnswer | PlainData>;
}

/** The bytes of an answer of a subgraph that is data alone: JSON in UTF-8, without errors and extensions. */
export interface PlainData {
  readonly bytes: Buffer;
  /** Returns the same, read. @throws Error if it cannot be read */
  read(): SubgraphAnswer;
}
