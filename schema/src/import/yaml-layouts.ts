import { InputError } from '@rookery/command-line';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ImportedSubgraph, Layout } from './layout.ts';

const text = z.string().min(1);

/** Rover's `supergraph.yaml`: subgraphs by name. */
const roverFile = z.object({
  subgraphs: z.record(
    text,
    z.object({
      routing_url: text.nullish(),
      schema: z.union([
        z.object({ file: text }),
        z.object({ subgraph_url: text }),
        z.object({ sdl: text }),
        z.object({ graphref: text }),
      ]),
    }),
  ),
});

/** The input of `wgc router compose`: a list of subgraphs. */
const wgcFile = z.object({
  subgraphs: z.array(
    z.object({
      name: text,
      routing_url: text.nullish(),
      schema: z.object({ file: text }).nullish(),
      introspection: z.object({ url: text }).nullish(),
    }),
  ),
});

/** Replaces `${env.NAME}`, as Rover does. @throws InputError if the variable is not set */
const expand = (source: string, file: string): string =>
  source.replaceAll(/\$\{env\.(\w+)\}/g, (_all, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new InputError(`${file} needs the environment variable ${name}`);
    return value;
  });

/** @throws InputError */
const parseYaml = <T>(source: string, file: string, schema: z.ZodType<T>): T => {
  let value: unknown;
  try {
    value = parse(source);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InputError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

/** Reads Rover's `supergraph.yaml`. @throws InputError */
export const readRover = (source: string, file: string): Layout => {
  const subgraphs: ImportedSubgraph[] = [];
  const problems: string[] = [];
  for (const [name, { routing_url: url, schema }] of Object.entries(
    parseYaml(expand(source, file), file, roverFile).subgraphs,
  )) {
    const routed = { name, url: url ?? undefined };
    if ('file' in schema) subgraphs.push({ ...routed, schema: { kind: 'file', path: schema.file } });
    else if ('sdl' in schema) subgraphs.push({ ...routed, schema: { kind: 'sdl', sdl: schema.sdl } });
    else if ('subgraph_url' in schema)
      subgraphs.push({
        name,
        // Rover takes it for the address of the subgraph, too.
        url: url ?? schema.subgraph_url,
        schema: { kind: 'address', address: schema.subgraph_url },
      });
    else
      problems.push(
        `${name}: its SDL is in GraphOS (${schema.graphref}): write it into a file with \`rover subgraph fetch\`, and name that`,
      );
  }
  return { subgraphs, problems };
};

/** Reads the input of `wgc router compose`. @throws InputError */
export const readWgc = (source: string, file: string): Layout => {
  const subgraphs: ImportedSubgraph[] = [];
  const problems: string[] = [];
  for (const { name, routing_url: url, schema, introspection } of parseYaml(source, file, wgcFile)
    .subgraphs) {
    if (schema) subgraphs.push({ name, url: url ?? undefined, schema: { kind: 'file', path: schema.file } });
    else if (introspection)
      subgraphs.push({
        name,
        url: url ?? introspection.url,
        schema: { kind: 'address', address: introspection.url },
      });
    else problems.push(`${name}: it has neither schema.file nor introspection.url`);
  }
  return { subgraphs, problems };
};

/** Returns which tool's configuration a YAML file is; undefined if it is neither. */
export const detectYaml = (source: string): 'rover' | 'wgc' | undefined => {
  let value: unknown;
  try {
    value = parse(source);
  } catch {
    return undefined;
  }
  const parsed = z.object({ subgraphs: z.unknown() }).safeParse(value);
  if (!parsed.success || parsed.data.subgraphs === null) return undefined;
  const { subgraphs } = parsed.data;
  if (Array.isArray(subgraphs)) return 'wgc';
  return typeof subgraphs === 'object' ? 'rover' : undefined;
};
