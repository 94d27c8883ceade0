import { parseArgs } from 'node:util';
import type { ImportedSubgraph, Layout } from './layout.ts';

/** Start of a command of Hive that names a subgraph, its address and its SDL file. */
const command = /\bhive\s+(?:schema:publish|schema:check|dev)\b/;

/** Splits the rest of a command into words; quotes hold a word together, and what ends the command ends the words. */
const wordsOf = (text: string): string[] => {
  const words: string[] = [];
  for (const [, double, single, plain] of text.matchAll(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'|;&<>]+|[|;&<>])/g,
  )) {
    if (plain !== undefined && /^[|;&<>]$/.test(plain)) break;
    words.push(double ?? single ?? plain ?? '');
  }
  return words;
};

/** Joins an option with its value if they are written as `--url=…`, which parseArgs does by itself, or as two words. */
const options = {
  service: { type: 'string', multiple: true },
  url: { type: 'string', multiple: true },
  schema: { type: 'string', multiple: true },
} as const;

/** Options with a value that says nothing about a subgraph. */
const ignored = ['target', 'author', 'commit', 'metadata', 'contextId', 'github', 'write', 'watchInterval'];
const withValue = ['registry.endpoint', 'registry.accessToken', 'token', 'registry'];

const read = (words: readonly string[]) => {
  const known = Object.fromEntries(
    [...ignored, ...withValue].map((name) => [name, { type: 'string' as const, multiple: true }]),
  );
  return parseArgs({
    args: [...words],
    options: { ...known, ...options },
    strict: false,
    allowPositionals: true,
  });
};

const texts = (values: unknown): string[] =>
  (Array.isArray(values) ? values : []).filter((value) => typeof value === 'string');

/** Returns the subgraphs that one command names. */
const subgraphsOf = (words: readonly string[]): ImportedSubgraph[] => {
  const { values, positionals } = read(words);
  const [services, urls, schemas] = [texts(values.service), texts(values.url), texts(values.schema)];
  // `hive dev` names several, each with --schema; the other commands name one, with its file as the only argument.
  const files = schemas.length > 0 ? schemas : positionals.slice(-1);
  return services.flatMap((name, i) => {
    const path = files[i];
    return path === undefined ? [] : [{ name, url: urls[i], schema: { kind: 'file' as const, path } }];
  });
};

const hasVariable = ({ name, url = '', schema }: ImportedSubgraph): boolean =>
  [name, url, schema.kind === 'file' ? schema.path : ''].some((part) => part.includes('$'));

/**
 * Reads the commands of Hive in a script, a `package.json` or a CI workflow: Hive has no file that lists the subgraphs. A
 * subgraph that is both checked and published is read once.
 */
export const readHive = (source: string): Layout => {
  const joined = source.replaceAll(/\\\r?\n/g, ' ').replaceAll('\\"', '"');
  const found = new Map<string, ImportedSubgraph>();
  const problems = new Set<string>();
  for (const line of joined.split(/\r?\n/))
    for (const part of line.split(/(?=\bhive\s+(?:schema:|dev\b))/).filter((text) => command.test(text)))
      for (const subgraph of subgraphsOf(wordsOf(part.replace(command, '')))) {
        if (hasVariable(subgraph))
          problems.add(`${subgraph.name}: the command has a variable: write its value`);
        const known = found.get(subgraph.name);
        // A check does not name the address.
        if (known?.url === undefined)
          found.set(subgraph.name, { ...subgraph, url: subgraph.url ?? known?.url });
      }
  return { subgraphs: [...found.values()], problems: [...problems] };
};

/** True if a text has a command of Hive that names a subgraph. */
export const isHive = (source: string): boolean => command.test(source);
