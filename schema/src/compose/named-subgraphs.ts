import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, UsageError } from '@rookery/command-line';
import { callerFolder } from '../model/installation.ts';
import { messageOf, post } from './probe.ts';
import { type SubgraphSources, subgraphNamePattern } from './subgraph-files.ts';

/** A subgraph that is named on the command line. */
interface Named {
  readonly name: string;
  /** Path of its SDL file, or address of the running subgraph. */
  readonly source: string;
}

const isAddress = (source: string): boolean => /^https?:\/\//.test(source);

const readName = (text: string): Named => {
  const at = text.indexOf('=');
  const [name, source] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || source === '' || !subgraphNamePattern.test(name))
    throw new UsageError(
      `--subgraph takes name=path.graphql or name=http://…, with a name of letters, digits, - and _, and got "${text}"`,
    );
  return { name, source };
};

/** Reads a file by its path from the folder in which npm was called. */
const readFile = (path: string): string => {
  try {
    return readFileSync(resolve(callerFolder(), path), 'utf8');
  } catch (error) {
    throw new InputError(`failed to read ${path}: ${messageOf(error)}`);
  }
};

/** Reads the SDL of a running subgraph. @throws InputError */
export const fetchSdl = async (url: string): Promise<string> => {
  const failed = (why: string) =>
    new InputError(`${url} does not answer its SDL (${why}). Name the SDL file instead`);
  let response: Response;
  try {
    response = await post(url, '{ _service { sdl } }');
  } catch (error) {
    throw failed(messageOf(error));
  }
  const text = await response.text();
  try {
    const { data } = JSON.parse(text) as { data?: { _service?: { sdl?: unknown } } };
    if (typeof data?._service?.sdl === 'string') return data._service.sdl;
  } catch {
    // Not JSON: reported like an answer without SDL.
  }
  throw failed(`status ${response.status}`);
};

/**
 * Reads the SDL of the subgraphs that --subgraph names.
 * @throws UsageError and InputError
 */
export const readNamedSubgraphs = async (texts: readonly string[]): Promise<SubgraphSources> => {
  const named = texts.map(readName);
  const twice = named.find(({ name }, i) => named.findIndex((other) => other.name === name) !== i);
  if (twice) throw new UsageError(`--subgraph names ${twice.name} twice`);
  const sdls = await Promise.all(
    named.map(
      async ({ name, source }) =>
        [name, isAddress(source) ? await fetchSdl(source) : readFile(source)] as const,
    ),
  );
  return {
    sdls: Object.fromEntries(sdls),
    files: Object.fromEntries(named.map(({ name, source }) => [name, source])),
  };
};
