import type { FormattedExecutionResult, OperationTypeNode } from 'graphql';
import type { UsedOperation } from '../registry/usage-collector.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';

/** Request of a client on any transport. */
export interface OperationRequest {
  readonly query?: string | undefined;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Data of an operation for logs and metrics; never its variables or tokens. */
export interface OperationRecord {
  readonly name: string | undefined;
  readonly type: `${OperationTypeNode}` | undefined;
  /** SHA-256 of the document, in hex. */
  readonly hash: string | undefined;
  /** Cost by @cost and @listSize; undefined if the operation was refused before. */
  readonly cost: number | undefined;
  /** The codes of the errors in the answer. */
  readonly codes: readonly string[];
  /** It did not parse, validate or coerce: nothing was run. */
  readonly refused: boolean;
  /** Trace context of its span, for the exemplars of metrics. */
  readonly traceparent: string | undefined;
  /** Counts for the registry; undefined if it was not valid, or is not reported. */
  readonly used: UsedOperation | undefined;
}

/** A single answer. */
interface OperationAnswer {
  readonly kind: 'answer';
  readonly result: FormattedExecutionResult;
  /** HTTP status determined by the operation; undefined is 200. */
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly record: OperationRecord;
}

/** A single answer without errors, as text in UTF-8. Its status is 200. */
interface OperationBytes {
  readonly kind: 'bytes';
  readonly bytes: Buffer;
  readonly headers: ReadonlyMap<string, string>;
  readonly record: OperationRecord;
}

/** A subscription that may begin; nothing is opened before `start` is called. */
interface AcceptedSubscription {
  readonly kind: 'subscription';
  readonly start: SubscriptionStart;
  readonly headers: ReadonlyMap<string, string>;
  readonly record: OperationRecord;
}

/** Outcome of one operation of a client. There are bytes only for a context that takes them. */
export type Outcome = OperationAnswer | OperationBytes | AcceptedSubscription;
