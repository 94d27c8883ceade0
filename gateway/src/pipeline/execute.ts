import type { ExecutionResult, Overrides } from '@rookery/federation-executor';
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

/** Runs the permitted part of a query or mutation. */
export const execute = (
  { executor, services }: Graph,
  { plans }: Permitted,
  { given, values }: OperationVariables,
  context: OperationContext,
  overrides: Overrides,
): Promise<ExecutionResult> =>
  executor.execute(plans, {
    variables: given,
    coerced: values,
    overrides,
    readAfter: context.readAfter,
    requestId: context.requestId,
    fetch: (subgraph, fetch) => fetchFrom(services, subgraph, fetch, context),
  });

/** Returns a key that is equal for two queries that must have the same result. */
export const resultKey = (
  { hash, operation }: Permitted,
  { given }: OperationVariables,
  { caller, readAfter }: OperationContext,
  overrides: Overrides,
): string => {
  const whose = `${caller.key} ${readAfter.join()} ${overrides.key}`;
  return `${hash} ${operation.name?.value} ${whose} ${JSON.stringify(given)}`;
};
