import type { ExecutionResult } from '@rookery/federation-executor';
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
): Promise<ExecutionResult> =>
  executor.execute(plans, {
    variables: given,
    coerced: values,
    asker: context,
    readAfter: context.readAfter,
    requestId: context.requestId,
    fetch: (subgraph, fetch) => fetchFrom(services, subgraph, fetch, context),
  });

/** Returns a key that is equal for two queries that must have the same result. */
export const resultKey = (
  { executor }: Graph,
  { hash, operation }: Permitted,
  { given }: OperationVariables,
  context: OperationContext,
): string => {
  const { caller, readAfter } = context;
  const whose = `${caller.key} ${readAfter.join()} ${executor.overridesOf(context).key}`;
  return `${hash} ${operation.name?.value} ${whose} ${JSON.stringify(given)}`;
};
