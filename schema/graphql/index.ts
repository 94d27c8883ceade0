import { readFileSync } from 'node:fs';
import { type DocumentNode, parse } from 'graphql';

export type SubgraphName = 'mutation' | 'query';

/** The subgraphs of this repository. Every other SDL file in this folder is composed with theirs. */
export const subgraphNames: readonly SubgraphName[] = ['mutation', 'query'];

/** Returns the committed SDL of one subgraph. */
export const subgraphSdl = (name: SubgraphName): string =>
  readFileSync(new URL(`./${name}.graphql`, import.meta.url), 'utf8');

/** Returns the parsed SDL of one subgraph, for buildSubgraphSchema and composition. */
export const subgraphTypeDefs = (name: SubgraphName): DocumentNode => parse(subgraphSdl(name));
