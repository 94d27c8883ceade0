import { maxReadAfter, readAfterHeader, requestIdHeader } from '@rookery/runtime';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { type InternalTokens, identityOf, type TokenSubject } from '../auth/internal-tokens.ts';
import { ClientHeaders } from '../http/client-headers.ts';

export interface CallerOptions extends TokenSubject {
  readonly tokens: InternalTokens;
  readonly requestId: string;
  /** Default: none of the client's headers. */
  readonly clientHeaders?: ClientHeaders | undefined;
}

/** In whose name the gateway fetches for one operation, and under which request id. */
export class SubgraphCaller {
  readonly #options: CallerOptions;
  readonly #clientHeaders: ClientHeaders;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#clientHeaders = options.clientHeaders ?? ClientHeaders.none;
  }

  /**
   * Returns a function that returns the token of a mutation, which holds for nothing else. It is to be called when the mutation is
   * sent.
   * @param body request body
   * @param shares true if the token may share its signature with those of other mutations
   */
  mutationToken(subgraph: string, body: string, shares: boolean): () => string {
    const { tokens } = this.#options;
    if (shares) return tokens.forMutations(subgraph, this.#options, body);
    return () => tokens.forMutation(subgraph, this.#options, body);
  }

  /**
   * Returns the headers of a request to a subgraph, or the same as extensions of a subscription.
   * @param readAfter activities that the answer must reflect; if there are too many, the newest count
   * @param token of a mutation; default: a token for queries and subscriptions
   */
  headers(subgraph: string, readAfter: readonly string[] = [], token?: string): Record<string, string> {
    const { tokens, requestId } = this.#options;
    const headers: Record<string, string> = {
      // First, so that nothing of the client's replaces what the gateway says.
      ...this.#clientHeaders.for(subgraph),
      [gatewayHeader]: token ?? tokens.forReads(subgraph, this.#options),
      [requestIdHeader]: requestId,
    };
    if (readAfter.length > 0) headers[readAfterHeader] = readAfter.slice(-maxReadAfter).join(',');
    return headers;
  }

  /** Equal for two operations whose queries all subgraphs must answer alike. */
  get key(): string {
    return `${identityOf(this.#options)} ${this.#clientHeaders.key}`;
  }

  /** Returns a key that is equal for two operations whose queries this subgraph must answer alike. */
  identity(subgraph: string, readAfter: readonly string[]): string {
    const read = readAfter.slice(-maxReadAfter).join(',');
    return `${identityOf(this.#options)} ${read} ${this.#clientHeaders.keyFor(subgraph)}`;
  }
}
