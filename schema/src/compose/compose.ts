import { composeServices } from '@apollo/composition';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, Source } from 'graphql';
import type { SdlPosition } from '../model/change.ts';
import type { CompositionProblem } from '../model/check-report.ts';
import { CompositionError, SdlSyntaxError } from './composition-error.ts';
import { hintFor } from './composition-hints.ts';
import { requiresCycle } from './requires-cycle.ts';
import { indexPositions, positionOfNode, positionsInMessage, type SdlPositions } from './sdl-positions.ts';

/** The SDL text of every subgraph, by its name. */
export type SubgraphSdls = Readonly<Record<string, string>>;

/** Source of an SDL text by the name of its subgraph: a path or an address, as in messages. */
export type SubgraphFiles = Readonly<Record<string, string>>;

/** A composition with what went in and what came out. */
export interface Composed {
  readonly sdls: SubgraphSdls;
  readonly positions: SdlPositions;
  readonly supergraphSdl: string;
  readonly supergraph: Supergraph;
}

const fileOf = (files: SubgraphFiles, name: string): string => files[name] ?? `${name}.graphql`;

interface Parsed {
  readonly document: DocumentNode;
  readonly file: string;
}

/** Parses one SDL; returns the problem if it is not GraphQL. */
const parseSdl = (name: string, sdl: string, file: string): Parsed | CompositionProblem => {
  try {
    return { document: parse(new Source(sdl, file)), file };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
    const [message = ''] = sdl.trim() === '' ? ['The file is empty.'] : error.message.split('\n');
    return problem('SDL_SYNTAX_ERROR', message, [{ subgraph: name, file, line, column }]);
  }
};

/** @throws SdlSyntaxError that names every file that does not parse */
const parseAll = (sdls: SubgraphSdls, files: SubgraphFiles): ReadonlyMap<string, Parsed> => {
  const parsed = Object.entries(sdls).map(
    ([name, sdl]) => [name, parseSdl(name, sdl, fileOf(files, name))] as const,
  );
  const problems = parsed.flatMap(([, one]) => ('code' in one ? [one] : []));
  if (problems.length > 0) throw new SdlSyntaxError(problems);
  return new Map(parsed.flatMap(([name, one]) => ('code' in one ? [] : [[name, one] as const])));
};

export const problem = (
  code: string,
  message: string,
  positions: readonly SdlPosition[],
): CompositionProblem => {
  const hint = hintFor(code);
  return { code, message, ...(hint === undefined ? {} : { hint }), positions };
};

/** Returns the places that an error is about; if it names none, those of the first element in its message. */
const positionsOf = (
  { nodes, message }: GraphQLError,
  files: SubgraphFiles,
  positions: SdlPositions,
): readonly SdlPosition[] => {
  const named = (nodes ?? []).flatMap((node) => {
    if (!('subgraph' in node)) return [];
    const subgraph = String(node.subgraph);
    return positionOfNode(subgraph, fileOf(files, subgraph), node) ?? [];
  });
  if (named.length > 0) return named;
  return positionsInMessage(message, positions);
};

const problemOf = (error: GraphQLError, files: SubgraphFiles, positions: SdlPositions): CompositionProblem =>
  problem(
    String(error.extensions?.code ?? 'COMPOSITION_FAILED'),
    error.message,
    positionsOf(error, files, positions),
  );

interface ComposeOptions {
  /**
   * False for subgraphs that were composed before: that every field can be resolved is the longest part of a composition,
   * and it says nothing about what they look like.
   */
  readonly provesResolvable?: boolean;
}

/** Composes documents. A cycle of @requires exhausts the stack of the composition library instead of being an error. */
const composeDocuments = (
  documents: ReadonlyMap<string, Parsed>,
  positions: SdlPositions,
  { provesResolvable = true }: ComposeOptions,
) => {
  try {
    return composeServices(
      [...documents].map(([name, { document }]) => ({
        name,
        url: `http://${name}.invalid/graphql`,
        typeDefs: document,
      })),
      { runSatisfiability: provesResolvable },
    );
  } catch (error) {
    const cycle = requiresCycle([...documents.values()].map(({ document }) => document));
    if (!(error instanceof RangeError) || cycle === undefined) throw error;
    throw new CompositionError([
      problem(
        'REQUIRES_CYCLE',
        `Each of these fields requires the next: ${cycle.join(' → ')}.`,
        [...new Set(cycle)].flatMap((coordinate) => positions.get(coordinate) ?? []),
      ),
    ]);
  }
};

/**
 * Composes subgraphs. The addresses in the supergraph are placeholders; the gateway reads the actual ones
 * from its configuration.
 * @throws SdlSyntaxError
 * @throws CompositionError
 */
export const compose = (
  sdls: SubgraphSdls,
  files: SubgraphFiles = {},
  options: ComposeOptions = {},
): Composed => {
  const documents = parseAll(sdls, files);
  const positions = indexPositions(documents);
  const { schema, supergraphSdl, errors } = composeDocuments(documents, positions, options);
  if (errors?.length || !supergraphSdl || !schema)
    throw new CompositionError((errors ?? []).map((error) => problemOf(error, files, positions)));
  return {
    sdls,
    positions,
    supergraphSdl: `${supergraphSdl.trimEnd()}\n`,
    // Valid as it is: what composition returns need not be printed, parsed and validated again.
    supergraph: new Supergraph(schema, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, false),
  };
};

/**
 * Composes subgraphs into the SDL of the supergraph.
 * @throws SdlSyntaxError
 * @throws CompositionError
 */
export const composeSupergraph = (sdls: SubgraphSdls): string => compose(sdls).supergraphSdl;

export const buildSupergraph = (sdl: string): Supergraph =>
  Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });

/** Returns the schema that clients see of a composition. */
export const apiSchema = ({ supergraph }: Composed): GraphQLSchema =>
  supergraph.apiSchema().toGraphQLJSSchema();

/** Returns what clients see of a supergraph: its types without the federation directives. */
export const apiSchemaOf = (supergraphSdl: string): GraphQLSchema =>
  buildSupergraph(supergraphSdl).apiSchema().toGraphQLJSSchema();

export { CompositionError, SdlSyntaxError } from './composition-error.ts';
