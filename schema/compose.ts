import { composeServices } from '@apollo/composition';
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { InputError } from '@rookery/command-line';
import { type ASTNode, type DocumentNode, GraphQLError, type GraphQLSchema, parse, Source } from 'graphql';

/** The SDL text of every subgraph, by its name. */
export type SubgraphSdls = Readonly<Record<string, string>>;

/** Source of an SDL text by the name of its subgraph: a path or an address, as in messages. */
export type SubgraphFiles = Readonly<Record<string, string>>;

/** A composition with what went in and what came out. */
export interface Composed {
  readonly sdls: SubgraphSdls;
  readonly supergraphSdl: string;
  readonly supergraph: Supergraph;
}

interface Position {
  readonly subgraph: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One reason why subgraphs do not compose. */
export interface CompositionProblem {
  /** Code of Apollo Federation, such as `FIELD_TYPE_MISMATCH`. */
  readonly code: string;
  readonly message: string;
  /** Empty if the composition names no place. */
  readonly positions: readonly Position[];
}

/** The SDL of a subgraph is not GraphQL. The message starts with `file:line:column`. */
export class SdlSyntaxError extends InputError {
  override name = 'SdlSyntaxError';
}

/** The subgraphs do not fit together; the message has a line for each problem and each further place of it. */
export class CompositionError extends Error {
  override name = 'CompositionError';
  readonly problems: readonly CompositionProblem[];

  constructor(problems: readonly CompositionProblem[]) {
    super(problems.map(textOf).join('\n') || 'composition failed');
    this.problems = problems;
  }
}

const placeOf = ({ subgraph, file, line, column }: Position): string =>
  `${file}:${line}:${column} [${subgraph}]`;

const textOf = ({ code, message, positions: [first, ...more] }: CompositionProblem): string =>
  [
    `${first ? `${placeOf(first)} ` : ''}${code}: ${message}`,
    ...more.map((position) => `  see ${placeOf(position)}`),
  ].join('\n');

const fileOf = (files: SubgraphFiles, name: string): string => files[name] ?? `${name}.graphql`;

const parseSdl = (name: string, sdl: string, file: string): DocumentNode => {
  try {
    return parse(new Source(sdl, file));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
    const [what] = sdl.trim() === '' ? ['The file is empty.'] : error.message.split('\n');
    throw new SdlSyntaxError(`${file}:${line}:${column} [${name}] ${what}`);
  }
};

type Documents = ReadonlyMap<string, DocumentNode>;

const positionOf = (subgraph: string, node: ASTNode, files: SubgraphFiles): Position[] => {
  const token = node.loc?.startToken;
  return token === undefined
    ? []
    : [{ subgraph, file: fileOf(files, subgraph), line: token.line, column: token.column }];
};

/** Returns the definitions of `Type` or `Type.field` in one document. */
const definitionsOf = (coordinate: string, { definitions }: DocumentNode): ASTNode[] => {
  const [type, member] = coordinate.split('.');
  return definitions.flatMap((definition): ASTNode[] => {
    if (!('name' in definition) || definition.name?.value !== type) return [];
    if (member === undefined) return [definition];
    const members = [
      ...('fields' in definition ? (definition.fields ?? []) : []),
      ...('values' in definition ? (definition.values ?? []) : []),
    ];
    return members.filter(({ name }) => name.value === member);
  });
};

/** Returns the places that an error is about; if it names none, those of the first element in its message. */
const positionsOf = (
  { nodes, message }: GraphQLError,
  documents: Documents,
  files: SubgraphFiles,
): Position[] => {
  const named = (nodes ?? []).flatMap((node) =>
    'subgraph' in node ? positionOf(String(node.subgraph), node, files) : [],
  );
  if (named.length > 0) return named;
  const [, coordinate] = /"([_A-Za-z]\w*(?:\.\w+)?)(?:\(.*?\))?"/.exec(message) ?? [];
  if (coordinate === undefined) return [];
  return [...documents].flatMap(([subgraph, document]) =>
    definitionsOf(coordinate, document).flatMap((node) => positionOf(subgraph, node, files)),
  );
};

const problemOf = (error: GraphQLError, documents: Documents, files: SubgraphFiles): CompositionProblem => ({
  code: String(error.extensions?.code ?? 'COMPOSITION_FAILED'),
  message: error.message,
  positions: positionsOf(error, documents, files),
});

/**
 * Composes subgraphs. The addresses in the supergraph are placeholders; the gateway reads the actual ones
 * from its configuration.
 * @throws SdlSyntaxError
 * @throws CompositionError
 */
export const compose = (sdls: SubgraphSdls, files: SubgraphFiles = {}): Composed => {
  const documents = new Map(
    Object.entries(sdls).map(([name, sdl]) => [name, parseSdl(name, sdl, fileOf(files, name))]),
  );
  const { supergraphSdl, errors } = composeServices(
    [...documents].map(([name, typeDefs]) => ({ name, url: `http://${name}.invalid/graphql`, typeDefs })),
  );
  if (errors?.length || !supergraphSdl)
    throw new CompositionError((errors ?? []).map((error) => problemOf(error, documents, files)));
  return {
    sdls,
    supergraphSdl: `${supergraphSdl.trimEnd()}\n`,
    supergraph: buildSupergraph(supergraphSdl),
  };
};

/**
 * Composes subgraphs into the SDL of the supergraph.
 * @throws SdlSyntaxError
 * @throws CompositionError
 */
export const composeSupergraph = (sdls: SubgraphSdls): string => compose(sdls).supergraphSdl;

const buildSupergraph = (sdl: string): Supergraph =>
  Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES });

/** Returns what clients see of a supergraph: its types without the federation directives. */
export const apiSchemaOf = (supergraphSdl: string): GraphQLSchema =>
  buildSupergraph(supergraphSdl).apiSchema().toGraphQLJSSchema();
