import { UsageError } from '@rookery/command-line';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import type { SubgraphWords } from './names.ts';

/** The template of a new subgraph: a subgraph that works, and is checked and tested like everything else here. */
export interface Template {
  /** Its files by path. They have the names of the template, and versions that hold outside of this repository. */
  readonly files: Readonly<Record<string, string>>;
  /** The packed @rookery/subgraph-auth: its path, which the manifest names, and its content in Base64. */
  readonly authPackage: { readonly path: string; readonly content: string };
  /** Rookery's own subgraphs, with which the new one must compose. */
  readonly own: SubgraphSources;
}

/** Names of the template, of which none is part of another word in it. */
const placeholders = /sample-subgraph|samples|Sample|sample/g;

const replaceNames = (text: string, { subgraph, type, one, several }: SubgraphWords): string => {
  const names: Readonly<Record<string, string>> = {
    'sample-subgraph': subgraph,
    samples: several,
    Sample: type,
    sample: one,
  };
  return text
    .replaceAll(/^.*biome-ignore.*\n/gm, '') // the linter of this repository
    .replace(placeholders, (found) => names[found] ?? found);
};

/** Returns the type names that the code of the template uses for something else. */
const namesInUse = (sources: readonly string[]): Set<string> => {
  const code = sources.map((source) => source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
  return new Set(
    code.flatMap((text) => text.match(/\b[A-Z]\w*/g) ?? []).filter((name) => !/Sample/.test(name)),
  );
};

/**
 * Returns the files of a new subgraph with their paths.
 * @throws UsageError if the names do not fit into the code
 */
export const filesOf = (words: SubgraphWords, { files }: Template): ReadonlyMap<string, string> => {
  const entries = Object.entries(files);
  const code = entries.filter(([path]) => path.endsWith('.ts')).map(([, text]) => text);
  if (namesInUse(code).has(words.type))
    throw new UsageError(`the code has another ${words.type}: choose another name with --type`);
  return new Map(
    entries.map(([path, text]) => [
      path,
      path === 'package.json'
        ? `${JSON.stringify({ ...JSON.parse(text), name: words.subgraph }, undefined, 2)}\n`
        : replaceNames(text, words),
    ]),
  );
};
