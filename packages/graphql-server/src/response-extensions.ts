/** Extensions of a response, as the gateway reads them. */
interface ExtensionsForGateway {
  /** The response may be older than earlier reads, or lacks writes that it was to reflect. */
  readonly stale?: true;
  /** Activities that later reads of the same operation must reflect. */
  readonly readAfter?: readonly string[];
}

/**
 * Collects what the resolvers of one response tell the gateway in addition to their results. GraphQL has no other way:
 * it combines the results of resolvers into `data`, and resolvers run concurrently. It only grows, so the order in
 * which they write does not matter.
 */
export interface ResponseExtensions {
  /** Marks the response as stale. Returns false if it was marked before. */
  markStale(): boolean;
  readonly isStale: boolean;
  /** Adds an activity that later reads of the same operation must reflect. */
  addReadAfter(activityId: string): void;
  /** Returns what has been collected so far. */
  collected(): ExtensionsForGateway;
}

export const createResponseExtensions = (): ResponseExtensions => {
  const readAfter = new Set<string>();
  let isStale = false;
  return {
    markStale() {
      const isFirst = !isStale;
      isStale = true;
      return isFirst;
    },
    get isStale() {
      return isStale;
    },
    addReadAfter(activityId) {
      readAfter.add(activityId);
    },
    collected: () => ({
      ...(isStale ? { stale: true } : {}),
      ...(readAfter.size > 0 ? { readAfter: [...readAfter] } : {}),
    }),
  };
};
