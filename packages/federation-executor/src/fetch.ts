import type { FetchNode } from '@apollo/query-planner';
import type { GraphQLFormattedError } from 'graphql';
import type { Data } from './data.ts';

/** One fetch of a plan, as its subgraph is to answer it. */
export interface SubgraphFetch {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Data>;
  /** Activities that the answer must reflect: those of the client, and those of mutations of the same operation. */
  readonly readAfter: readonly string[];
}

/** Answer of a subgraph to one fetch. The data belongs to the caller, who writes into it. */
export interface SubgraphAnswer {
  readonly data?: Data | null | undefined;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  /** True if the answer may be older than a write that it must reflect. */
  readonly isStale?: boolean | undefined;
  /** Activities that later fetches of the operation must reflect. */
  readonly readAfter?: readonly string[] | undefined;
}

/** Returns those variables of an operation that a fetch of its plan uses. */
export const usedVariables = ({ variableUsages = [] }: FetchNode, variables: Readonly<Data>): Data => {
  const used: Data = Object.create(null);
  for (const name of variableUsages)
    if (Object.hasOwn(variables, name) && variables[name] !== undefined) used[name] = variables[name];
  return used;
};

/** Sends a fetch to a subgraph on behalf of the client whose operation runs. */
export type FetchFrom = (subgraph: string, fetch: SubgraphFetch) => Promise<SubgraphAnswer>;
