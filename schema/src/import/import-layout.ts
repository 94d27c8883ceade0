import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { InputError, UsageError } from '@rookery/command-line';
import { fetchSdl } from '../compose/named-subgraphs.ts';
import { messageOf } from '../compose/probe.ts';
import { readFrom, subgraphNamePattern } from '../compose/subgraph-files.ts';
import { isHive, readHive } from './hive-layout.ts';
import type { ImportedSubgraph, Layout, LayoutName } from './layout.ts';
import { detectYaml, readRover, readWgc } from './yaml-layouts.ts';

export interface ImportPlan {
  /** Folder of the caller. */
  readonly folder: string;
  /** Path of the other tool's configuration. */
  readonly from: string;
  /** Path of the configuration to write. */
  readonly out: string;
  /** The other tool; undefined: what the file looks like. */
  readonly tool: LayoutName | undefined;
  /** True if a file that exists may be replaced. */
  readonly force: boolean;
}

export interface Imported {
  readonly tool: LayoutName;
  /** Files that were written. */
  readonly written: readonly string[];
  readonly subgraphs: readonly string[];
}

/** @throws UsageError */
const detect = (source: string, from: string): LayoutName => {
  const tool = detectYaml(source) ?? (isHive(source) ? 'hive' : undefined);
  if (tool === undefined)
    throw new UsageError(
      `${from} is neither Rover's supergraph.yaml, nor the input of wgc router compose, nor a script with commands of Hive`,
    );
  return tool;
};

const readers: Readonly<Record<LayoutName, (source: string, file: string) => Layout>> = {
  rover: readRover,
  wgc: readWgc,
  hive: readHive,
};

/** @throws InputError that names everything that cannot be imported */
const usable = ({ subgraphs, problems }: Layout, from: string): readonly ImportedSubgraph[] => {
  const badNames = subgraphs
    .filter(({ name }) => !subgraphNamePattern.test(name))
    .map(({ name }) => `${name}: a name is letters, digits, - and _, and begins with a letter`);
  const all = [...problems, ...badNames];
  if (all.length > 0) throw new InputError(`${from} cannot be imported: ${all.join('; ')}`);
  if (subgraphs.length === 0) throw new InputError(`${from} names no subgraph`);
  return subgraphs;
};

/** Files to write, by their absolute path. */
type Files = Map<string, string>;

/** Returns the path of the SDL of a subgraph; what is in no file yet is put into one. @throws InputError */
const sdlPath = async (
  { name, schema }: ImportedSubgraph,
  sdlFolder: string,
  outFolder: string,
  files: Files,
): Promise<string> => {
  if (schema.kind === 'file') {
    const path = resolve(sdlFolder, schema.path);
    readFrom(sdlFolder, schema.path);
    return path;
  }
  const path = join(outFolder, `${name}.graphql`);
  files.set(path, schema.kind === 'sdl' ? schema.sdl : await fetchSdl(schema.address));
  return path;
};

const posix = (path: string): string => path.replaceAll('\\', '/');

/**
 * Writes a configuration for the subgraphs that another tool's configuration names. Nothing is written unless everything can
 * be imported.
 * @throws InputError and UsageError
 */
export const importLayout = async ({ folder, from, out, tool, force }: ImportPlan): Promise<Imported> => {
  const source = readFrom(folder, from);
  const chosen = tool ?? detect(source, from);
  const outFile = resolve(folder, out);
  const outFolder = dirname(outFile);
  // A script runs in the folder in which it is called; a configuration means the folder that it is in.
  const sdlFolder = chosen === 'hive' ? folder : dirname(resolve(folder, from));
  const files: Files = new Map();
  const listed: Record<string, { sdl: string; url?: string }> = {};
  for (const subgraph of usable(readers[chosen](source, from), from)) {
    const path = await sdlPath(subgraph, sdlFolder, outFolder, files);
    const { name, url } = subgraph;
    listed[name] = { sdl: posix(relative(outFolder, path)), ...(url === undefined ? {} : { url }) };
  }
  files.set(outFile, `${JSON.stringify({ subgraphs: listed }, null, 2)}\n`);
  const shown = (path: string) => posix(relative(folder, path));
  const existing = [...files.keys()].filter((path) => existsSync(path)).map(shown);
  if (existing.length > 0 && !force)
    throw new InputError(`${existing.join(', ')} exists already: --force replaces it`);
  for (const [path, text] of files)
    try {
      writeFileSync(path, text);
    } catch (error) {
      throw new InputError(`failed to write ${shown(path)}: ${messageOf(error)}`);
    }
  return { tool: chosen, written: [...files.keys()].map(shown), subgraphs: Object.keys(listed) };
};
