import { RookeryError } from '@rookery/graphql-server';
import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { checkDocument, tooMuch } from './document.ts';
import type { OperationLimits } from './limits.ts';
import { checkSubscriptionRoots } from './subscription-root.ts';
import { hasMoreTokens } from './tokens.ts';
import { checkLiterals, checkVariableValues } from './values.ts';

/** Total length of the texts whose documents are cached, in characters. */
const maxCachedCharacters = 4_000_000;

/**
 * Parses a new document and refuses it if it is too large, before validation and planning. Accepted documents
 * are cached, so that repeated operations cost nothing here.
 */
export class Admission {
  readonly limits: OperationLimits;
  readonly #passed = new LRUCache<string, DocumentNode>({
    maxSize: maxCachedCharacters,
    sizeCalculation: (_document, text) => text.length,
  });

  constructor(limits: OperationLimits) {
    this.limits = limits;
  }

  /**
   * @throws RookeryError GRAPHQL_VALIDATION_FAILED if it is too large, GRAPHQL_PARSE_FAILED if it is not GraphQL,
   *   BAD_REQUEST if operationName does not name one operation in it, BAD_USER_INPUT for a value that cannot be handed on
   */
  admit(
    text: string,
    operationName: string | undefined,
    variables: Readonly<Record<string, unknown>> = {},
  ): OperationDefinitionNode {
    const document = this.#passed.get(text) ?? this.#check(text);
    const operation = getOperationAST(document, operationName);
    if (operation) {
      const used = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
      checkVariableValues(Object.fromEntries(used.map((name) => [name, variables[name]])), this.limits);
      return operation;
    }
    throw new RookeryError('BAD_REQUEST', 'operationName must name one operation of the document.', {
      http: { status: 400 },
    });
  }

  #check(text: string): DocumentNode {
    const { tokens } = this.limits;
    if (hasMoreTokens(text, tokens))
      throw tooMuch(`The document has too many tokens: the most is ${tokens}.`);
    const document = parsed(text);
    checkLiterals(document, this.limits);
    checkDocument(document, this.limits);
    checkSubscriptionRoots(document);
    this.#passed.set(text, document);
    return document;
  }
}

/** Parses a text. The error has the location of a syntax error. */
const parsed = (text: string): DocumentNode => {
  try {
    return parse(text);
  } catch (error) {
    // The parser calls itself for each bracket; how many the stack holds depends on MAX_TOKENS alone.
    if (error instanceof RangeError) throw tooMuch('The document is nested too deeply.');
    if (!(error instanceof GraphQLError)) throw error;
    const { message, source, positions } = error;
    throw new GraphQLError(message, {
      source,
      positions: positions ?? null,
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
  }
};
