import type { ErrorCode } from '@rookery/runtime';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';

/** Total length of the texts whose documents are remembered, in characters. */
const maxCachedCharacters = 4_000_000;

/** The gateway answers introspection itself. */
const rules = [...specifiedRules, NoSchemaIntrospectionCustomRule];

/** Returns the same error with a code, unless it has one. */
export const withCode = (error: GraphQLError, code: ErrorCode): GraphQLError => {
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source,
    positions,
    path,
    originalError,
    extensions: { code, ...extensions },
  });
};

/** A text that is no valid document of the schema. */
export class InvalidDocumentError extends Error {
  override readonly name = 'InvalidDocumentError';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.errors = errors;
  }
}

/** Parses and validates documents for one schema. It remembers valid ones, because the gateway repeats its texts. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #valid = new LRUCache<string, DocumentNode>({
    maxSize: maxCachedCharacters,
    sizeCalculation: (_document, text) => text.length,
  });

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @throws InvalidDocumentError */
  read(text: string): DocumentNode {
    const known = this.#valid.get(text);
    if (known) return known;
    const document = parsed(text);
    const errors = validate(this.#schema, document, rules);
    if (errors.length > 0)
      throw new InvalidDocumentError(errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')));
    this.#valid.set(text, document);
    return document;
  }
}

const parsed = (text: string): DocumentNode => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new InvalidDocumentError([withCode(error, 'GRAPHQL_PARSE_FAILED')]);
  }
};
