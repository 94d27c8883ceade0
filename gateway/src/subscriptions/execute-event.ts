import type { GraphQLDataSource } from '@apollo/gateway';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import { maskAll } from '../errors/mask-errors.ts';
import type { OperationContext } from '../pipeline/context.ts';
import { withRequestId } from '../telemetry/request-id.ts';
import type { LiveOperation } from './live-operation.ts';
import { eventService } from './plan.ts';
import type { UpstreamEvent } from './upstream.ts';

/**
 * Answers one event: the executor runs the plan, with the event in place of the first fetch and the other
 * subgraphs asked for what it lacks. Never rejects.
 */
export const executeEvent = (
  { graph, plan, subgraphs, request, variables, restore, log }: LiveOperation,
  context: OperationContext,
  event: UpstreamEvent,
): Promise<FormattedExecutionResult> =>
  withRequestId(context.requestId, async () => {
    // Not begun at all: a request error, which has no data (GraphQL, section 7.1).
    if (event.data === undefined) return { errors: maskAll(refusals(event), log) };
    try {
      const services = new Map([...subgraphs, [eventService, served(event)]]);
      const { data, errors = [] } = await graph.executor.run({
        ...{ variant: plan.variant, plan: plan.perEvent },
        ...{ services, variables, context, request },
      });
      const answer: FormattedExecutionResult = {
        data: data ?? null,
        ...(errors.length === 0 ? {} : { errors: maskAll(errors, log) }),
        ...(context.answer.stale ? { extensions: { stale: true } } : {}),
      };
      restore?.(answer);
      return answer;
    } catch (error) {
      return { data: null, errors: maskAll([error], log) };
    }
  });

const refusals = ({ errors = [] }: UpstreamEvent): GraphQLError[] =>
  errors.map(({ message, extensions }) => new GraphQLError(message, { extensions: extensions ?? null }));

/** A data source whose answer is the event. */
const served = (event: UpstreamEvent): GraphQLDataSource => ({
  process: async () => ({
    data: event.data ?? null,
    ...(event.errors === undefined ? {} : { errors: event.errors }),
  }),
});
