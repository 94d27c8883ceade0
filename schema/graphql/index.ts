import { readFileSync } from 'node:fs';
import { type DocumentNode, parse } from 'graphql';

export type SubgraphName = 'mutation' | 'query';

/** Every subgraph that the gateway federates; one SDL file each, beside this one. */
export const subgraphNames: readonly SubgraphName[] = ['mutation', 'query'];

/** The SDL text of one subgraph, as it is committed. */
export const subgraphSdl = (name: SubgraphName): string =>
  readFileSync(new URL(`./${name}.graphql`, import.meta.url), 'utf8');

/** The same, parsed: what buildSubgraphSchema and composition take. */
export const subgraphTypeDefs = (name: SubgraphName): DocumentNode => parse(subgraphSdl(name));
