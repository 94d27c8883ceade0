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

/** Every request has one, so it is cheap to make: an object literal with a getter is not. */
class Collected implements ResponseExtensions {
  readonly #readAfter: string[] = [];
  #isStale = false;

  markStale(): boolean {
    const isFirst = !this.#isStale;
    this.#isStale = true;
    return isFirst;
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  addReadAfter(activityId: string): void {
    this.#readAfter.push(activityId);
  }

  collected(): ExtensionsForGateway {
    return {
      ...(this.#isStale ? { stale: true } : {}),
      ...(this.#readAfter.length > 0 ? { readAfter: [...new Set(this.#readAfter)] } : {}),
    };
  }
}

export const createResponseExtensions = (): ResponseExtensions => new Collected();
