import type { GraphQLError } from 'graphql';

/**
 * Stands in the fetched data for a value that no subgraph answered, and says why. What depends on it is not fetched
 * and is lost for the same reason, and a client that asked for it is told at the client's own path.
 */
export class LostValue {
  readonly cause: GraphQLError;

  constructor(cause: GraphQLError) {
    this.cause = cause;
  }
}

/** Key under which an object keeps the reason why the fetch of its concrete type failed. */
export const lostType = Symbol('lost type');
