import { isLinked } from '@rookery/federation-executor';
import type { DocumentNode } from 'graphql';

/** Features of plans that the executor lacks, by specification. */
const unsupported: readonly (readonly [specification: string, what: string])[] = [
  ['https://specs.apollo.dev/context/', '@fromContext'],
];

/**
 * Refuses a supergraph that would be loaded and then answered wrongly.
 * @throws Error that names what is not supported
 */
export const refuseUnsupported = (supergraph: DocumentNode): void => {
  for (const [specification, what] of unsupported)
    if (isLinked(supergraph, specification))
      throw new Error(`${what} is not supported: a subgraph would be asked without what it has to be given.`);
};
