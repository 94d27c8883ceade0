import { maskError } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { currentRequestId } from '../telemetry/request-id.ts';
import { fieldOfLiteral, fieldOfVariable } from './input-field.ts';

/** Codes of Apollo Server that are not in the contract: the request itself was no good. */
const badRequests: ReadonlySet<unknown> = new Set(['OPERATION_RESOLUTION_FAILURE', 'INVALID_GRAPHQL']);

/** An HTTP status below 500 on an error without a code of the table: a protocol error, meant for the client. */
const isProtocolError = (cause: unknown): boolean => {
  if (!(cause instanceof GraphQLError)) return false;
  const http = cause.extensions.http;
  const status = http !== null && typeof http === 'object' && 'status' in http ? http.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
};

const inTable = (formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError => {
  const { code, ...extensions } = formatted.extensions ?? {};
  if (badRequests.has(code) || (code === 'INTERNAL_SERVER_ERROR' && isProtocolError(cause)))
    return { ...formatted, extensions: { ...extensions, code: 'BAD_REQUEST' } };
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

/**
 * Apollo Server's error formatter: what leaves the gateway carries a code of the contract or is masked.
 * @param hints whether an error may tell names of the schema that are like the one that was sent
 */
export const formatError =
  (log: Logger, { hints }: { readonly hints: boolean }) =>
  (formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError => {
    const masked = maskError(inTable(formatted, cause), cause, log, currentRequestId());
    return hints ? masked : { ...masked, message: masked.message.replace(hint, '') };
  };

/** The same for errors that don't pass through Apollo Server: of live events, and of sockets. */
export const maskAll = (errors: readonly unknown[], log: Logger): GraphQLFormattedError[] =>
  errors.map((error) => formatError(log, { hints: false })(format(error), error));

const format = (error: unknown): GraphQLFormattedError => {
  if (error instanceof GraphQLError) return error.toJSON();
  return { message: error instanceof Error ? error.message : String(error) };
};
