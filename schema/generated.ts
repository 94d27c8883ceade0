import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Composed, compose } from './compose.ts';
import { subgraphNames } from './graphql/index.ts';
import { resolverTypes } from './resolver-types.ts';
import { readSubgraphFiles } from './subgraph-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A file that is generated from the SDL: its path from the root of the repository, and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Composes the SDL files of the work tree.
 * @throws InputError, SdlSyntaxError and CompositionError
 */
export const composeWorkTree = (): Composed => {
  const { sdls, files } = readSubgraphFiles();
  return compose(sdls, files);
};

/** Returns everything that is generated from the SDL: the supergraph of all subgraphs, and the types of Rookery's own. */
export const generatedFiles = async (composed = composeWorkTree()): Promise<GeneratedFile[]> => [
  { path: 'schema/supergraph.graphql', text: composed.supergraphSdl },
  ...(await Promise.all(
    subgraphNames.map(async (name) => ({
      path: `subgraphs/${name}/generated/resolvers.ts`,
      text: await resolverTypes(name, composed.sdls[name] ?? ''),
    })),
  )),
];

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(`${root}/${path}`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Returns the files that are missing on disk, or differ from what the SDL gives. */
export const driftOf = (files: readonly GeneratedFile[]): GeneratedFile[] =>
  files.filter(({ path, text }) => textOf(path) !== text);

export const write = (files: readonly GeneratedFile[]): void => {
  for (const { path, text } of files) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, text);
  }
};
