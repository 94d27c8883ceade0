import { isId, maxReadAfter, readAfterHeader, requestIdHeader } from '@rookery/runtime';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { type InternalTokens, identityOf, type TokenSubject } from '../auth/internal-tokens.ts';
import { ClientHeaders } from '../http/client-headers.ts';

export interface CallerOptions extends TokenSubject {
  readonly tokens: InternalTokens;
  readonly requestId: string;
  readonly readAfter?: readonly string[];
  /** Default: none of the client's headers. */
  readonly clientHeaders?: ClientHeaders | undefined;
}

/**
 * In whose name the gateway fetches for one operation, under which request id, and after which activities the subgraphs
 * must read. The activities grow while the operation's mutations are accepted.
 */
export class SubgraphCaller {
  readonly #options: CallerOptions;
  readonly #clientHeaders: ClientHeaders;
  #readAfter: readonly string[];

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#clientHeaders = options.clientHeaders ?? ClientHeaders.none;
    this.#readAfter = options.readAfter ?? [];
  }

  /**
   * Returns the headers of a request to a subgraph, or the same as extensions of a subscription.
   * @param mutation request body, if the request is a mutation: its token holds for nothing else
   */
  headers(subgraph: string, mutation?: string): Record<string, string> {
    const { tokens, requestId } = this.#options;
    const token =
      mutation === undefined
        ? tokens.forReads(subgraph, this.#options)
        : tokens.forMutation(subgraph, this.#options, mutation);
    const headers: Record<string, string> = {
      // First, so that nothing of the client's replaces what the gateway says.
      ...this.#clientHeaders.for(subgraph),
      [gatewayHeader]: token,
      [requestIdHeader]: requestId,
    };
    if (this.#readAfter.length > 0) headers[readAfterHeader] = this.#readAfter.join(',');
    return headers;
  }

  /** Returns a key that is equal for two operations whose queries this subgraph must answer alike. */
  identity(subgraph: string): string {
    const read = this.#readAfter.join(',');
    return `${identityOf(this.#options)} ${read} ${this.#clientHeaders.keyFor(subgraph)}`;
  }

  /** Makes later fetches of this operation read after these activities; if there are too many, the newest count. */
  readAfter(ids: readonly unknown[]): void {
    const added = ids.filter((id): id is string => typeof id === 'string' && isId(id));
    if (added.length > 0) this.#readAfter = [...this.#readAfter, ...added].slice(-maxReadAfter);
  }
}
