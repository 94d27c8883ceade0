import { PassingSpan, type Span, type SpanOptions, type StartSpan } from './span.ts';

/** The standard variables that tracing reads; OTEL_SERVICE_NAME is left to each process. */
export const telemetryVariables = [
  'OTEL_SDK_DISABLED',
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT',
  'OTEL_EXPORTER_OTLP_COMPRESSION',
  'OTEL_EXPORTER_OTLP_TRACES_COMPRESSION',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_BSP_SCHEDULE_DELAY',
] as const;

const untraced = new PassingSpan(undefined);

let start: StartSpan | undefined;

/** Returns whether this process creates spans. */
export const isTracing = (): boolean => start !== undefined;

/** Starts a span. This is nearly free if telemetry is off or the trace is not sampled. */
export const startSpan = (name: string, options: SpanOptions = {}): Span => {
  if (start) return start(name, options);
  return options.parent === undefined ? untraced : new PassingSpan(options.parent);
};

/** Runs `work` in a span that ends with it. */
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
 * Exports spans by OTLP over HTTP if the standard variables name a receiver (OTEL_EXPORTER_OTLP_ENDPOINT, or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT); otherwise loads nothing. Supports OTEL_SDK_DISABLED,
 * OTEL_TRACES_EXPORTER=none, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER and its _ARG,
 * OTEL_BSP_SCHEDULE_DELAY and the settings of the exporter (headers, timeout, compression).
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @param service name of the process, unless OTEL_SERVICE_NAME gives another
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
