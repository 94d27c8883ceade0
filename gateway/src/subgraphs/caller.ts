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
   * Returns the headers of a request to a subgraph, or the same as extensions of a subscription.
   * @param readAfter activities that the answer must reflect; if there are too many, the newest count
   * @param mutation request body, if the request is a mutation: its token holds for nothing else
   */
  headers(subgraph: string, readAfter: readonly string[] = [], mutation?: string): Record<string, string> {
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
