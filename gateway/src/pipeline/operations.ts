import { startSpan } from '@rookery/runtime';
import { describe } from '../telemetry/describe-span.ts';
import type { OperationContext } from './context.ts';
import type { OperationRequest, Outcome } from './operation.ts';
import { OperationRun, type PipelineOptions } from './operation-run.ts';

/** The one pipeline for operations of every kind over every transport: see `OperationRun`. */
export class Operations {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async run(request: OperationRequest, context: OperationContext): Promise<Outcome> {
    const span = startSpan('GraphQL Operation', { parent: context.traceparent, kind: 'SERVER' });
    const { traceparent } = span;
    const traced = traceparent === context.traceparent ? context : { ...context, traceparent };
    const outcome = await new OperationRun(this.#options, request, traced).outcome();
    describe(span, outcome.record);
    span.end();
    return outcome;
  }
}
