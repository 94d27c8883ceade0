import type { ExecutionContext } from '@rookery/federation-executor';
import type { Session } from '../auth/authenticate.ts';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import type { ClientHeaders } from '../http/client-headers.ts';
import type { Permitted, Restore } from '../permissions/permitted.ts';
import { SubgraphCaller } from '../subgraphs/caller.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';

/** Data of an operation for logs and metrics; never its variables or tokens. */
export interface OperationRecord {
  name: string | undefined;
  type: 'query' | 'mutation' | 'subscription' | undefined;
  /** SHA-256 of the document, in hex. */
  hash: string | undefined;
  /** Cost by @cost and @listSize; undefined if the operation was refused before. */
  cost: number | undefined;
  /** The codes of the errors in the answer. */
  codes: readonly string[];
  /** It did not parse, validate or coerce: nothing was run. */
  refused: boolean;
}

/** State of one operation in the pipeline. Apollo copies the object, so mutable values are one level deeper. */
export interface OperationContext extends ExecutionContext {
  /** Undefined for an anonymous request. */
  readonly session: Session | undefined;
  /** When it came (or the live event that it is for), by performance.now(). */
  readonly startedAt: number;
  /** W3C Trace Context, as the client sent it. */
  readonly traceparent: string | undefined;
  /** Makes the headers of its requests to subgraphs. */
  readonly caller: SubgraphCaller;
  /** The headers that the client hands to subgraphs. */
  readonly clientHeaders: ClientHeaders | undefined;
  /** Came by GET, which may change nothing. */
  readonly queriesOnly: boolean;
  /** True if the response reports the cost of the operation. */
  readonly showCost: boolean;
  /** Statements of the subgraphs about the whole response, and the denied fields to restore in it. */
  readonly answer: { stale: boolean; restore?: Restore | undefined };
  readonly record: OperationRecord;
  /** Receives a subscription; undefined on transports without subscriptions. */
  readonly subscription: LiveHandOver | undefined;
}

interface LiveHandOver {
  started: SubscriptionStart | undefined;
  /**
   * Checks the permissions again for each event; undefined if they cannot change during the operation.
   * @throws GraphQLError if nothing is permitted any more
   */
  recheck?: (() => Permitted) | undefined;
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
  readonly live?: boolean;
  readonly queriesOnly?: boolean;
  readonly showCost?: boolean;
  readonly address?: string;
}

export const operationContext = (caller: Caller): OperationContext => ({
  viewer: caller.viewer,
  session: caller.session,
  requestId: caller.requestId,
  address: caller.address,
  startedAt: performance.now(),
  traceparent: caller.traceparent,
  caller: new SubgraphCaller(caller),
  clientHeaders: caller.clientHeaders,
  queriesOnly: caller.queriesOnly ?? false,
  showCost: caller.showCost ?? false,
  answer: { stale: false },
  record: { name: undefined, type: undefined, hash: undefined, cost: undefined, codes: [], refused: false },
  subscription: caller.live ? { started: undefined } : undefined,
});

/** W3C Trace Context, section 3.2.2: version 00, and later versions with the same beginning. */
const traceContext = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}(-|$)/;

/** Returns the header if it is a traceparent, otherwise undefined. */
export const traceparentFrom = (header: unknown): string | undefined =>
  typeof header === 'string' && header.length <= 200 && traceContext.test(header) ? header : undefined;
