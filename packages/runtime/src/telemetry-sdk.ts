import { context, type SpanContext, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { isSampled, PassingSpan, type StartSpan } from './span.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The SDK does not read the sampler from the environment: these are the names of the specification. */
const samplerFrom = (name: string, { OTEL_TRACES_SAMPLER_ARG }: Env) => {
  const ratio = Number(OTEL_TRACES_SAMPLER_ARG ?? 1);
  const roots: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(Number.isFinite(ratio) ? ratio : 1),
  };
  const root = (roots[name.replace(/^parentbased_/, '')] ?? (() => new AlwaysOnSampler()))();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
};

/** W3C Trace Context, section 3.2; anything else is ignored. */
const wellFormed = /^[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-|$)/;

const contextOf = (traceparent: string): SpanContext => ({
  traceId: traceparent.slice(3, 35),
  spanId: traceparent.slice(36, 52),
  traceFlags: Number.parseInt(traceparent.slice(53, 55), 16) & TraceFlags.SAMPLED,
  isRemote: true,
});

/** Creates a tracer. Spans name their parents, so neither a context manager nor patched modules are needed. */
export const createTracing = (
  service: string,
  env: Env,
): { readonly startSpan: StartSpan; shutdown(): Promise<void> } => {
  const { OTEL_TRACES_SAMPLER: samplerName = 'parentbased_always_on' } = env;
  const followsParent = samplerName.startsWith('parentbased_');
  const provider = new TracerProvider({
    sampler: samplerFrom(samplerName, env),
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.namespace': 'rookery', 'service.name': service }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
      .merge(resourceFromAttributes(env.OTEL_SERVICE_NAME ? { 'service.name': env.OTEL_SERVICE_NAME } : {})),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: Number(env.OTEL_BSP_SCHEDULE_DELAY) || 5_000,
      }),
    ],
  });
  const tracer = provider.getTracer('rookery');
  const none = context.active();

  const startSpan: StartSpan = (
    name,
    { parent, links = [], kind = 'INTERNAL', attributes = {}, startedAt },
  ) => {
    const isRoot = parent === undefined || !wellFormed.test(parent);
    // A span that is not recorded needs no id.
    if (followsParent && !isRoot && !isSampled(parent)) return new PassingSpan(parent);
    const span = tracer.startSpan(
      name,
      {
        kind: SpanKind[kind],
        attributes,
        links: links.filter((link) => wellFormed.test(link)).map((link) => ({ context: contextOf(link) })),
        ...(startedAt === undefined ? {} : { startTime: startedAt }),
      },
      isRoot ? none : trace.setSpanContext(none, contextOf(parent)),
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`,
      set: (more) => {
        span.setAttributes(more);
      },
      rename: (name) => {
        span.updateName(name);
      },
      fail: (why) => {
        span.setAttribute('error.type', why);
        span.setStatus({ code: SpanStatusCode.ERROR });
      },
      end: () => span.end(),
    };
  };
  return { startSpan, shutdown: () => provider.shutdown() };
};
