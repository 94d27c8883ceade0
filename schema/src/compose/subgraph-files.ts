import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@rookery/command-line';
import { subgraphNames } from '../../graphql/index.ts';
import type { SubgraphFiles, SubgraphSdls } from './compose.ts';

/** Root of this repository. */
export const ownRoot = fileURLToPath(new URL('../../..', import.meta.url));
/** Folder with the SDL of Rookery's own subgraphs. */
export const ownFolder = 'schema/graphql';

/** Name of a subgraph, as the registry takes it. */
export const subgraphNamePattern = /^[a-zA-Z][\w-]{0,63}$/;

/** Name of a subgraph that is also that of a file, a package or a container: one that none of them changes. */
export const fileNamePattern = /^[a-z][a-z0-9-]*$/;

/** The SDL of some subgraphs, and the file of each. */
export interface SubgraphSources {
  readonly sdls: SubgraphSdls;
  readonly files: SubgraphFiles;
}

/** Reads a file whose path is relative to a folder. @throws InputError */
export const readFrom = (root: string, path: string): string => {
  try {
    return readFileSync(resolve(root, path), 'utf8');
  } catch (error) {
    throw new InputError(`failed to read ${path}: ${(error as Error).message}`);
  }
};

const entriesOf = (root: string, folder: string): string[] => {
  try {
    return readdirSync(resolve(root, folder));
  } catch (error) {
    throw new InputError(`failed to read ${folder}: ${(error as Error).message}`);
  }
};

/**
 * Reads every SDL file in a folder: one for each subgraph, with its name.
 * @throws InputError if a file is not composed
 */
export const readSubgraphFolder = (root: string, folder: string): SubgraphSources => {
  const entries = entriesOf(root, folder).filter((name) => name !== 'index.ts' && !name.startsWith('.'));
  const names = entries.map((entry) => {
    const name = basename(entry, '.graphql');
    if (entry === name || !fileNamePattern.test(name))
      throw new InputError(
        `${folder}/${entry} is not composed. Call it <subgraph>.graphql (a to z, 0 to 9 and -), or move it elsewhere`,
      );
    return name;
  });
  return readListedSubgraphs(
    root,
    Object.fromEntries(names.sort().map((name) => [name, `${folder}/${name}.graphql`])),
  );
};

/** Reads the SDL files of subgraphs that are listed by name. @throws InputError */
export const readListedSubgraphs = (root: string, files: SubgraphFiles): SubgraphSources => ({
  sdls: Object.fromEntries(Object.entries(files).map(([name, path]) => [name, readFrom(root, path)])),
  files,
});

/**
 * Reads the SDL of Rookery's own subgraphs, and of others in the same folder.
 * @throws InputError if a file is missing, or if another is not composed
 */
export const readSubgraphFiles = (): SubgraphSources => {
  const sources = readSubgraphFolder(ownRoot, ownFolder);
  const missing = subgraphNames.find((name) => sources.sdls[name] === undefined);
  if (missing !== undefined) throw new InputError(`${ownFolder}/${missing}.graphql is missing`);
  return sources;
};
