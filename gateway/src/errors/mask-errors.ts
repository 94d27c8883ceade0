import { maskError } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { fieldOfLiteral, fieldOfVariable } from './input-field.ts';

export interface MaskOptions {
  readonly log: Logger;
  /** Request that the errors belong to, for the log and for a client that reports a masked error. */
  readonly requestId: string | undefined;
  /** True if an error may tell names of the schema that are like the one that was sent. */
  readonly hints?: boolean;
}

/** Returns whether an error without a code carries an HTTP status below 500: a protocol error, meant for the client. */
const isProtocolError = (cause: unknown): boolean => {
  if (!(cause instanceof GraphQLError) || cause.extensions.code !== undefined) return false;
  const { http } = cause.extensions;
  const status = http !== null && typeof http === 'object' && 'status' in http ? http.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
};

const inTable = (formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError => {
  const { code, ...extensions } = formatted.extensions ?? {};
  if (isProtocolError(cause)) return { ...formatted, extensions: { ...extensions, code: 'BAD_REQUEST' } };
  if (code === 'BAD_USER_INPUT' && extensions.field === undefined)
    return { ...formatted, extensions: { ...extensions, code, field: fieldOfVariable(cause) } };
  if (code === 'GRAPHQL_VALIDATION_FAILED') {
    // Invalid input is handled alike in variables and in the document.
    const field = fieldOfLiteral(cause);
    if (field !== undefined)
      return { ...formatted, extensions: { ...extensions, code: 'BAD_USER_INPUT', field } };
  }
  return formatted;
};

/** graphql-js guesses at what was meant, and so tells names of the schema. */
const hint = / ?Did you mean [^?]*\?/g;

/** Returns the errors as the client sees them: each carries a code of the contract, or is masked and logged. */
export const maskAll = (
  errors: readonly unknown[],
  { log, requestId, hints = false }: MaskOptions,
): GraphQLFormattedError[] =>
  errors.map((error) => {
    const masked = maskError(inTable(format(error), error), error, log, requestId);
    return hints ? masked : { ...masked, message: masked.message.replace(hint, '') };
  });

const format = (error: unknown): GraphQLFormattedError => {
  if (error instanceof GraphQLError) return error.toJSON();
  return { message: error instanceof Error ? error.message : String(error) };
};
