import type { Attributes, SpanKind } from '@opentelemetry/api';

/** What a span says of the thing that it times. Never a variable, a token or an address. */
export type SpanAttributes = Attributes;

export interface SpanOptions {
  /** W3C Trace Context of what caused this; without it, a trace begins here. */
  readonly parent?: string | undefined;
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: SpanAttributes;
  /** When it began, where that was earlier: milliseconds since the epoch. */
  readonly startedAt?: number;
}

/** One step of a trace. */
export interface Span {
  /** Of this step, to be handed to what it causes. With telemetry off it is the parent's: a trace passes through. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  /** It failed; `why` is a code, not a message. */
  fail(why: string): void;
  end(): void;
}

/** Starts spans, once the SDK is loaded. */
export type StartSpan = (name: string, options: SpanOptions) => Span;

/** A step that is not recorded: what it causes belongs to what has caused it. */
export class PassingSpan implements Span {
  readonly traceparent: string | undefined;
  constructor(traceparent: string | undefined) {
    this.traceparent = traceparent;
  }
  set(): void {}
  fail(): void {}
  end(): void {}
}

/** A parent that is not recorded stays so: no step below it is. (W3C Trace Context, section 3.2.2.5.1: sampled.) */
export const isSampled = (traceparent: string | undefined): boolean =>
  traceparent !== undefined && (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;
