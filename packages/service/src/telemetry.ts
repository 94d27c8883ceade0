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
const untraced = new PassingSpan(undefined);

let start: StartSpan | undefined;

/** Whether spans are made at all in this process. */
export const isTracing = (): boolean => start !== undefined;

/** Begins a step of a trace. It costs next to nothing where telemetry is off or the trace is not sampled. */
export const startSpan = (name: string, options: SpanOptions = {}): Span => {
  if (start) return start(name, options);
  return options.parent === undefined ? untraced : new PassingSpan(options.parent);
};

/** A parent that is not recorded stays so: no step below it is. (W3C Trace Context, section 3.2.2.5.1: sampled.) */
export const isSampled = (traceparent: string | undefined): boolean =>
  traceparent !== undefined && (Number.parseInt(traceparent.slice(53, 55), 16) & 1) === 1;

/** Runs `work` as one step, which ends when it does. */
export const traced = async <T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => {
  const span = startSpan(name, options);
  try {
    return await work(span);
  } catch (error) {
    span.fail(error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
};

/**
 * Sends spans by OTLP over HTTP where the standard variables name a receiver (OTEL_EXPORTER_OTLP_ENDPOINT, or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT); without one nothing is loaded. OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none,
 * OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and its _ARG, OTEL_BSP_SCHEDULE_DELAY and the
 * exporter's own (headers, timeout, compression) are heeded.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @param service name of the process where OTEL_SERVICE_NAME does not give another
 */
export const startTelemetry = async (
  service: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<AsyncDisposable> => {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const off = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none';
  if (!endpoint || off) return { [Symbol.asyncDispose]: async () => {} };
  const { createTracing } = await import('./telemetry-sdk.ts');
  const tracing = createTracing(service, env);
  start = tracing.startSpan;
  return {
    [Symbol.asyncDispose]: async () => {
      start = undefined;
      await tracing.shutdown();
    },
  };
};
