import {
  type ExecutionResult,
  type FetchFrom,
  type Overrides,
  usedVariables,
} from '@rookery/federation-executor';
import { GraphQLError } from 'graphql';
import type { Permitted } from '../permissions/permitted.ts';
import { fetchFrom } from '../subgraphs/fetch-from.ts';
import type { Graph } from '../supergraph/graph.ts';
import type { OperationContext } from './context.ts';

type Values = Readonly<Record<string, unknown>>;

/** Variables of one operation. */
export interface OperationVariables {
  /** The client's, as they came. */
  readonly given: Values;
  /** With defaults filled in. */
  readonly values: Values;
}

/** Result of an execution. */
export interface Executed extends ExecutionResult {
  /** The whole response, if it is what a subgraph has answered. Then there is no other data, and there are no errors. */
  readonly bytes?: Buffer;
}

/** Runs the permitted part of a query or mutation. */
export const execute = async (
  graph: Graph,
  permitted: Permitted,
  variables: OperationVariables,
  context: OperationContext,
  overrides: Overrides,
): Promise<Executed> => {
  const { executor, services, plainAnswers } = graph;
  const { given, values } = variables;
  const { readAfter, requestId } = context;
  const variant = executor.variantOf(permitted.plans, values, overrides);
  if (variant instanceof GraphQLError) return { data: null, errors: [variant], isStale: false };
  const only = context.takesBytes ? plainAnswers.fetchOf(variant, permitted, values) : undefined;
  const service = only && services.get(only.serviceName);
  const run = (fetch: FetchFrom) =>
    executor.run({ variant, plan: variant.plan, variables: given, readAfter, requestId, fetch });
  if (!only || !service?.fetchBytes)
    return run((subgraph, fetch) => fetchFrom(services, subgraph, fetch, context));
  const { operation: query, operationName } = only;
  const used = usedVariables(only, variant.names.variables(given));
  const answer = await service.fetchBytes({ query, operationName, variables: used, readAfter }, context);
  if (!('bytes' in answer)) return run(async () => answer);
  const bytes = plainAnswers.take(variant, answer);
  if (bytes) return { data: null, errors: [], isStale: false, bytes };
  const result = await run(async () => answer.read());
  plainAnswers.check(variant, answer, result);
  return result;
};

/** Returns a key that is equal for two queries that must have the same result. */
export const resultKey = (
  { hash, operation }: Permitted,
  { given }: OperationVariables,
  { caller, readAfter, takesBytes }: OperationContext,
  overrides: Overrides,
): string => {
  const whose = `${caller.key} ${readAfter.join()} ${overrides.key}`;
  return `${hash} ${operation.name?.value} ${takesBytes} ${whose} ${JSON.stringify(given)}`;
};
