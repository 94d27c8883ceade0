import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '@rookery/command-line';
import type { SubgraphFiles, SubgraphSdls } from './compose.ts';
import { subgraphNames } from './graphql/index.ts';

const folder = new URL('./graphql/', import.meta.url);
const shown = 'schema/graphql';

/** A name that fits into a host name and a file name. */
export const subgraphNamePattern = /^[a-z][a-z0-9-]*$/;

/** The SDL of some subgraphs, and the file of each. */
export interface SubgraphSources {
  readonly sdls: SubgraphSdls;
  readonly files: SubgraphFiles;
}

/**
 * Reads every SDL file in schema/graphql: one for each subgraph, with its name.
 * @throws InputError if a file is missing, or if another is not composed
 */
export const readSubgraphFiles = (): SubgraphSources => {
  const entries = readdirSync(folder).filter((name) => name !== 'index.ts' && !name.startsWith('.'));
  const names = entries.map((entry) => {
    const name = basename(entry, '.graphql');
    if (entry === name || !subgraphNamePattern.test(name))
      throw new InputError(
        `${shown}/${entry} is not composed. Call it <subgraph>.graphql (a to z, 0 to 9 and -), or move it elsewhere`,
      );
    return name;
  });
  const missing = subgraphNames.find((name) => !names.includes(name));
  if (missing !== undefined) throw new InputError(`${shown}/${missing}.graphql is missing`);
  const files = Object.fromEntries(names.sort().map((name) => [name, `${shown}/${name}.graphql`]));
  const sdls = Object.fromEntries(names.map((name) => [name, readSdl(name)]));
  return { sdls, files };
};

const readSdl = (name: string): string => {
  try {
    return readFileSync(new URL(`${name}.graphql`, folder), 'utf8');
  } catch (error) {
    throw new InputError(`failed to read ${shown}/${name}.graphql: ${(error as Error).message}`);
  }
};
