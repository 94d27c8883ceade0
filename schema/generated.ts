import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from './compose.ts';
import { type SubgraphName, subgraphNames, subgraphSdl } from './graphql/index.ts';
import { resolverTypes } from './resolver-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A file that follows from the SDL: its path from the root of the repository, and what it must hold. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** The SDL files as they are in the work tree. */
export const currentSdls = (): Readonly<Record<SubgraphName, string>> =>
  Object.fromEntries(subgraphNames.map((name) => [name, subgraphSdl(name)])) as Record<SubgraphName, string>;

/** Everything that follows from the SDL. @throws CompositionError */
export const generatedFiles = async (sdls = currentSdls()): Promise<GeneratedFile[]> => [
  { path: 'schema/supergraph.graphql', text: composeSupergraph(sdls) },
  ...(await Promise.all(
    subgraphNames.map(async (name) => ({
      path: `subgraphs/${name}/generated/resolvers.ts`,
      text: await resolverTypes(name, sdls[name]),
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

/** Those files that are not on disk, or differ from what the SDL gives. */
export const driftOf = (files: readonly GeneratedFile[]): GeneratedFile[] =>
  files.filter(({ path, text }) => textOf(path) !== text);

export const write = (files: readonly GeneratedFile[]): void => {
  for (const { path, text } of files) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, text);
  }
};
