import type { Attributes, SpanKind } from '@opentelemetry/api';

/** Attributes of a span. Never variables, tokens or addresses. */
export type SpanAttributes = Attributes;

export interface SpanOptions {
  /** W3C Trace Context of the cause; without it, a new trace starts. */
  readonly parent?: string | undefined;
  /** W3C Trace Contexts of other causes, such as the creation of the message that is processed. */
  readonly links?: readonly string[];
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: SpanAttributes;
  /** Start time if it was earlier, in milliseconds since the epoch. */
  readonly startedAt?: number;
}

/** A span of a trace. */
export interface Span {
  /**
   * Trace context for the effects of this span. Without telemetry it is that of the parent, so that a trace
   * passes through.
   */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** Replaces the name, for a span whose subject is known only later. */
  rename(name: string): void;
  /** Marks the span as failed; `why` is a code and not a message. */
  fail(why: string): void;
  end(): void;
}

/** Starts spans once the SDK is loaded. */
export type StartSpan = (name: string, options: SpanOptions) => Span;

/** A span that is not recorded: its effects belong to its parent. */
export class PassingSpan implements Span {
  readonly traceparent: string | undefined;
  constructor(traceparent: string | undefined) {
    this.traceparent = traceparent;
  }
  set(): void {}
  rename(): void {}
  fail(): void {}
  end(): void {}
}

/**
 * Returns whether the trace is sampled. Spans of an unsampled parent are not recorded. (W3C Trace Context,
 * section 3.2.2.5.1: sampled.)
 */
export const isSampled = (traceparent: string | undefined): boolean =>
  traceparent !== undefined && (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
