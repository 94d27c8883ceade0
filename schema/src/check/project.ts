import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '@rookery/command-line';
import { z } from 'zod';
import { fileAt, filesAt, folderAt } from '../compose/git.ts';
import {
  ownFolder,
  ownRoot,
  readFrom,
  readListedSubgraphs,
  readSubgraphFiles,
  readSubgraphFolder,
  type SubgraphSources,
  subgraphNamePattern,
} from '../compose/subgraph-files.ts';
import { callerFolder, isPackage } from '../model/installation.ts';
import { parseJson } from './json-input.ts';
import { checkRules, contractRules } from './rules.ts';

const subgraph = z.strictObject({
  /** Path of its SDL file. */
  sdl: z.string().min(1),
  /** Address of the running subgraph, as the registry publishes it. */
  url: z.url().optional(),
});

const manifest = z.strictObject({
  /** Path of a manifest of persisted queries, in Apollo's or Relay's format. */
  path: z.string().min(1),
  /** App version that ships these operations. */
  client: z.strictObject({ name: z.string().min(1), version: z.string().nullable().default(null) }),
});

/** Content of `rookery-schema.json`. Paths are relative to the file. */
const projectConfig = z.strictObject({
  $schema: z.string().optional(),
  /** A folder with one `<subgraph>.graphql` for each subgraph, or a list by name. */
  subgraphs: z
    .union([z.string().min(1), z.record(z.string().regex(subgraphNamePattern), subgraph)])
    .default(ownFolder),
  acceptedChanges: z.string().min(1).default('schema/accepted-changes.json'),
  /** Path of a usage report. */
  usage: z.string().min(1).optional(),
  /** Path of a file of lint rules. */
  lint: z.string().min(1).optional(),
  trustedDocuments: z.array(manifest).default([]),
  rules: checkRules.prefault({}),
  contracts: z.array(contractRules).default([]),
});

type ProjectConfig = z.output<typeof projectConfig>;

/** A set of subgraphs that are composed and checked together. */
export interface Project {
  /** Folder to which all paths are relative. */
  readonly root: string;
  readonly config: ProjectConfig;
  /** Name of the configuration file; undefined if there is none. */
  readonly file: string | undefined;
  /** True for this repository, which has generated files to check. */
  readonly isOwn: boolean;
}

const configFile = 'rookery-schema.json';

/** @throws InputError if the text is no configuration */
const parseConfig = (text: string, file: string): ProjectConfig => parseJson(text, file, projectConfig);

/**
 * Opens the project of a configuration file, or of the folder in which the command was called if it has one; otherwise that
 * of this repository, which the package does not have.
 * @throws InputError
 */
export const openProject = (path: string | undefined): Project => {
  const places = isPackage ? [callerFolder()] : [callerFolder(), ownRoot];
  const found = places.map((dir) => join(dir, configFile)).find((one) => existsSync(one));
  const file = path === undefined ? found : resolve(callerFolder(), path);
  if (file === undefined && isPackage)
    throw new InputError(
      `there is no ${configFile} in ${callerFolder()}: name the configuration with --config`,
    );
  if (file === undefined)
    return { root: ownRoot, config: projectConfig.parse({}), file: undefined, isOwn: true };
  const root = dirname(file);
  const config = parseConfig(readFrom(root, basename(file)), basename(file));
  const isOwn = !isPackage && resolve(root) === resolve(ownRoot) && config.subgraphs === ownFolder;
  return { root, config, file: basename(file), isOwn };
};

const listed = (subgraphs: Exclude<ProjectConfig['subgraphs'], string>) =>
  Object.fromEntries(Object.entries(subgraphs).map(([name, { sdl }]) => [name, sdl]));

/** Reads the SDL files of the work tree. @throws InputError */
export const sourcesOf = ({ root, config, isOwn }: Project): SubgraphSources => {
  if (isOwn) return readSubgraphFiles();
  const { subgraphs } = config;
  return typeof subgraphs === 'string'
    ? readSubgraphFolder(root, subgraphs)
    : readListedSubgraphs(root, listed(subgraphs));
};

/**
 * Reads the SDL files that a commit's own configuration names; undefined if it has none.
 * @throws InputError if there is no such commit
 */
export const sourcesAt = ({ root, config, file }: Project, ref: string): SubgraphSources | undefined => {
  const then = file === undefined ? undefined : fileAt(root, ref, file);
  const subgraphs = then === undefined ? config.subgraphs : parseConfig(then, `${ref}:${file}`).subgraphs;
  const sources =
    typeof subgraphs === 'string' ? folderAt(root, ref, subgraphs) : filesAt(root, ref, listed(subgraphs));
  return Object.keys(sources.sdls).length === 0 ? undefined : sources;
};
