import type { ExecutionResult } from '@rookery/federation-executor';
import type { Permitted } from '../permissions/permitted.ts';
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

/** Runs what is permitted of a query or mutation. */
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
    fetch: (subgraph, fetch) => {
      const service = services.get(subgraph);
      if (!service) throw new Error(`there is no subgraph ${subgraph}`);
      return service.fetch(fetch, context);
    },
  });
