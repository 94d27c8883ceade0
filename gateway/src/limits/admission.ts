import { createHash } from 'node:crypto';
import { RookeryError } from '@rookery/graphql-server';
import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { withCode } from '../pipeline/invalid-request.ts';
import { checkDocument, tooMuch } from './document.ts';
import type { OperationLimits } from './limits.ts';
import { checkSubscriptionRoots } from './subscription-root.ts';
import { hasMoreTokens } from './tokens.ts';
import { checkLiterals } from './values.ts';

/** A document that is within the limits, not validated yet. */
export interface AdmittedDocument {
  readonly text: string;
  readonly document: DocumentNode;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
}

/**
 * Parses a document and refuses it if it is too large, before validation and planning.
 * @throws RookeryError GRAPHQL_VALIDATION_FAILED if it is too large, BAD_USER_INPUT for a literal that cannot be
 *   handed on; GraphQLError GRAPHQL_PARSE_FAILED if it is not GraphQL
 */
export const admit = (text: string, limits: OperationLimits): AdmittedDocument => {
  const { tokens } = limits;
  if (hasMoreTokens(text, tokens)) throw tooMuch(`The document has too many tokens: the most is ${tokens}.`);
  const document = parsed(text);
  checkLiterals(document, limits);
  checkDocument(document, limits);
  checkSubscriptionRoots(document);
  return { text, document, hash: createHash('sha256').update(text).digest('hex') };
};

/** Returns the operation to run. @throws RookeryError BAD_REQUEST if operationName does not name one */
export const operationIn = (
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode => {
  const operation = getOperationAST(document, operationName);
  if (operation) return operation;
  throw new RookeryError('BAD_REQUEST', 'operationName must name one operation of the document.', {
    http: { status: 400 },
  });
};

/** Parses a text. The error has the location of a syntax error. */
const parsed = (text: string): DocumentNode => {
  try {
    return parse(text);
  } catch (error) {
    // The parser calls itself for each bracket; how many the stack holds depends on MAX_TOKENS alone.
    if (error instanceof RangeError) throw tooMuch('The document is nested too deeply.');
    throw error instanceof GraphQLError ? withCode(error, 'GRAPHQL_PARSE_FAILED') : error;
  }
};
