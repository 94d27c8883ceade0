import type { GraphQLError } from 'graphql';

/**
 * Placeholder in the fetched data for a value that no subgraph returned, with the reason. Values that depend
 * on it are not fetched and are lost for the same reason, and a client that selected one gets the error at
 * its own path.
 */
export class LostValue {
  readonly cause: GraphQLError;

  constructor(cause: GraphQLError) {
    this.cause = cause;
  }
}

/** Key under which an object keeps the reason why the fetch of its concrete type failed. */
export const lostType = Symbol('lost type');
