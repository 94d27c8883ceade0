import { UsageError } from '@rookery/command-line';
import { compose } from '../compose/compose.ts';
import { CompositionError } from '../compose/composition-error.ts';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import { type SubgraphWords, subgraphWords } from './names.ts';
import { readTemplate } from './read-template.ts';
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
 * @param joined subgraphs that it must compose with; default: Rookery's own
 * @throws UsageError if the names do not fit, and InputError if the folder cannot be used; nothing is written then
 */
export const writeNewSubgraph = (
  joined: SubgraphSources | undefined,
  { name, type, folder }: NewSubgraph,
): SubgraphWords => {
  const words = subgraphWords(name, type);
  checkFolder(folder);
  const template = readTemplate();
  const others = joined ?? template.own;
  if (Object.hasOwn(others.sdls, name)) throw new UsageError(`there is a subgraph called ${name} already`);
  const files = filesOf(words, template);
  checkFits(others, words, files.get('schema.graphql') ?? '');
  const { path, content } = template.authPackage;
  writeFiles(folder, new Map<string, string | Buffer>([...files, [path, Buffer.from(content, 'base64')]]));
  return words;
};
