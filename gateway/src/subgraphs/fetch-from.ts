import type { SubgraphAnswer, SubgraphFetch } from '@rookery/federation-executor';
import type { OperationContext } from '../pipeline/context.ts';
import type { SubgraphService } from './service.ts';

/** Sends a fetch to a subgraph by its name, on behalf of a client. @throws Error if there is no such subgraph */
export const fetchFrom = (
  services: ReadonlyMap<string, SubgraphService>,
  subgraph: string,
  fetch: SubgraphFetch,
  context: OperationContext,
): Promise<SubgraphAnswer> => {
  const service = services.get(subgraph);
  if (!service) throw new Error(`there is no subgraph ${subgraph}`);
  return service.fetch(fetch, context);
};
