import { UsageError } from '@rookery/command-line';
import { type Project, sourcesOf } from '../check/project.ts';
import { compose } from '../compose/compose.ts';
import { CompositionError } from '../compose/composition-error.ts';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import { type SubgraphWords, subgraphWords } from './names.ts';
import { authPackageFile, packAuthPackage } from './pack-auth-package.ts';
import { filesOf } from './template.ts';
import { checkFolder, writeFiles } from './write-files.ts';

export interface NewSubgraph {
  readonly name: string;
  /** Its type; default: the singular of the name. */
  readonly type?: string | undefined;
  /** Absolute path of a folder that is missing or empty. */
  readonly folder: string;
}

/** Composes the new subgraph with those that it joins. @throws UsageError if they do not fit together */
const checkFits = (
  { sdls, files }: SubgraphSources,
  { subgraph, type }: SubgraphWords,
  sdl: string,
): void => {
  try {
    compose({ ...sdls, [subgraph]: sdl }, { ...files, [subgraph]: 'schema.graphql' });
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    const [why = ''] = error.message.split('\n');
    throw new UsageError(
      `a subgraph called ${subgraph} with the type ${type} does not compose with the others: choose another name, or --type (${why})`,
    );
  }
};

/**
 * Writes a new subgraph that works.
 * @throws UsageError if the names do not fit, and InputError if the folder cannot be used; nothing is written then
 */
export const writeNewSubgraph = (project: Project, { name, type, folder }: NewSubgraph): SubgraphWords => {
  const words = subgraphWords(name, type);
  const others = sourcesOf(project);
  if (Object.hasOwn(others.sdls, name)) throw new UsageError(`there is a subgraph called ${name} already`);
  checkFolder(folder);
  const authPackage = `vendor/${authPackageFile()}`;
  const files = filesOf(words, authPackage);
  checkFits(others, words, files.get('schema.graphql') ?? '');
  writeFiles(folder, new Map<string, string | Buffer>([...files, [authPackage, packAuthPackage()]]));
  return words;
};
