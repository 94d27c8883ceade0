import type { SubgraphAnswer } from '@rookery/federation-executor';
import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import { maskAll } from '../errors/mask-errors.ts';
import type { OperationContext } from '../pipeline/context.ts';
import { fetchFrom } from '../subgraphs/fetch-from.ts';
import type { LiveOperation } from './live-operation.ts';
import { eventService } from './plan.ts';
import type { UpstreamEvent } from './upstream.ts';

/**
 * Returns the answer to an event that has everything its operation selects, without errors. Leaves the event as it is.
 * @returns undefined if there is more to do: see `executeEvent`
 */
export const projectEvent = (
  { plan: { variant, isWhole }, variables, restore }: LiveOperation,
  { data: received, errors: reported = [] }: UpstreamEvent,
): string | undefined => {
  if (!isWhole || restore || !received || reported.length > 0) return undefined;
  const { data, lost, errors, refused } = variant.shape(received, variables);
  if (lost.length + errors.length + refused.length > 0) return undefined;
  return JSON.stringify({ data });
};

/**
 * Answers one event: the executor runs the plan, with the event in place of the first fetch and the other
 * subgraphs asked for what it lacks. Never rejects. Writes into the event.
 */
export const executeEvent = async (
  { graph, plan, variables, restore, log }: LiveOperation,
  context: OperationContext,
  event: UpstreamEvent,
): Promise<FormattedExecutionResult> => {
  const { requestId, readAfter } = context;
  const mask = (errors: readonly unknown[]) => maskAll(errors, { log, requestId });
  // Not begun at all: a request error, which has no data (GraphQL, section 7.1).
  if (event.data === undefined) return { errors: mask(refusals(event)) };
  try {
    const { data, errors, isStale } = await graph.executor.run({
      ...{ variant: plan.variant, plan: plan.perEvent, variables, readAfter, requestId },
      fetch: async (subgraph, fetch) =>
        subgraph === eventService ? served(event) : fetchFrom(graph.services, subgraph, fetch, context),
    });
    const answer = { ...(errors.length > 0 && { errors: mask(errors) }), data };
    const whole = restore?.(answer) ?? answer;
    return isStale ? { ...whole, extensions: { stale: true } } : whole;
  } catch (error) {
    return { data: null, errors: mask([error]) };
  }
};

const refusals = ({ errors = [] }: UpstreamEvent): GraphQLError[] =>
  errors.map(({ message, extensions }) => new GraphQLError(message, { extensions: extensions ?? null }));

/** The event as the answer to the first fetch. */
const served = ({ data, errors }: UpstreamEvent): SubgraphAnswer => ({ data, errors });
