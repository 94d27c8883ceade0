import type { Session } from '../auth/authenticate.ts';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import type { ClientHeaders } from '../http/client-headers.ts';
import type { ClientName } from '../http/client-name.ts';
import { SubgraphCaller } from '../subgraphs/caller.ts';

/** Client and transport of an operation. It never changes: the steps of the pipeline return their results. */
export interface OperationContext {
  /** The signed-in user's id; null for an anonymous request. */
  readonly viewer: string | null;
  /** Undefined for an anonymous request. */
  readonly session: Session | undefined;
  readonly requestId: string;
  /** Address of the client, behind trusted proxies; undefined for a live event. */
  readonly address: string | undefined;
  /** When it came (or the live event that it is for), by performance.now(). */
  readonly startedAt: number;
  /** W3C Trace Context of what the operation causes. */
  readonly traceparent: string | undefined;
  /** Activities that the answer must reflect. */
  readonly readAfter: readonly string[];
  /** Makes the headers of its requests to subgraphs. */
  readonly caller: SubgraphCaller;
  /** The headers that the client hands to subgraphs. */
  readonly clientHeaders: ClientHeaders | undefined;
  /** Name and version that the client sends; known for a transport that carries subscriptions. */
  readonly client: ClientName | undefined;
  /** Came by GET, which may change nothing. */
  readonly queriesOnly: boolean;
  /** True if the response reports the cost of the operation. */
  readonly showCost: boolean;
  /** True if the transport carries subscriptions. */
  readonly live: boolean;
  /** True if the transport sends a whole response as it is. */
  readonly takesBytes: boolean;
}

/** With any value: the answer tells what the operation costs, in `extensions.cost`. */
export const costHeader = 'x-operation-cost';

export interface Caller {
  readonly tokens: InternalTokens;
  readonly viewer: string | null;
  readonly session?: Session | undefined;
  readonly requestId: string;
  readonly traceparent?: string | undefined;
  readonly readAfter?: readonly string[];
  readonly clientHeaders?: ClientHeaders | undefined;
  readonly client?: ClientName | undefined;
  readonly live?: boolean;
  readonly queriesOnly?: boolean;
  readonly showCost?: boolean;
  readonly takesBytes?: boolean;
  readonly address?: string;
}

const nothing: readonly string[] = [];

export const operationContext = (caller: Caller): OperationContext => ({
  viewer: caller.viewer,
  session: caller.session,
  requestId: caller.requestId,
  address: caller.address,
  startedAt: performance.now(),
  traceparent: caller.traceparent,
  readAfter: caller.readAfter ?? nothing,
  caller: new SubgraphCaller(caller),
  clientHeaders: caller.clientHeaders,
  client: caller.client,
  queriesOnly: caller.queriesOnly ?? false,
  showCost: caller.showCost ?? false,
  live: caller.live ?? false,
  // The cost would have to be written into the response.
  takesBytes: (caller.takesBytes ?? false) && !caller.showCost,
});

/** W3C Trace Context, section 3.2.2: version 00, and later versions with the same beginning. */
const traceContext = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(-|$)/;

/** Returns the header if it is a traceparent, otherwise undefined. */
export const traceparentFrom = (header: unknown): string | undefined =>
  typeof header === 'string' && header.length <= 200 && traceContext.test(header) ? header : undefined;
