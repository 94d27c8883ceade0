import { type Logger, maskError } from '@rookery/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { currentRequestId } from './request-id.ts';

/** Codes of Apollo Server that are not in the contract: the request itself was no good. */
const badRequests: ReadonlySet<unknown> = new Set(['OPERATION_RESOLUTION_FAILURE', 'INVALID_GRAPHQL']);

/** An HTTP status below 500 on an error without a code of the table: a protocol error, meant for the client. */
const isProtocolError = (cause: unknown): boolean => {
  if (!(cause instanceof GraphQLError)) return false;
  const http = cause.extensions.http;
  const status = http !== null && typeof http === 'object' && 'status' in http ? http.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
};

/** `Variable "$input" got invalid value 3 at "input.body"; …` → input.body */
const inputField = (cause: unknown): string | undefined => {
  const node = cause instanceof GraphQLError ? cause.nodes?.[0] : undefined;
  if (node?.kind !== 'VariableDefinition') return undefined;
  return / at "([^"]+)";/.exec((cause as Error).message)?.[1] ?? node.variable.name.value;
};

const inTable = (formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError => {
  const { code, ...extensions } = formatted.extensions ?? {};
  if (badRequests.has(code) || (code === 'INTERNAL_SERVER_ERROR' && isProtocolError(cause)))
    return { ...formatted, extensions: { ...extensions, code: 'BAD_REQUEST' } };
  if (code === 'BAD_USER_INPUT' && extensions.field === undefined)
    return { ...formatted, extensions: { ...extensions, code, field: inputField(cause) } };
  return formatted;
};

/** Apollo Server's error formatter: what leaves the gateway carries a code of the contract or is masked. */
export const formatError =
  (log: Logger) =>
  (formatted: GraphQLFormattedError, cause: unknown): GraphQLFormattedError =>
    maskError(inTable(formatted, cause), cause, log, currentRequestId());

/** The same for errors that don't pass through Apollo Server: of live events, and of sockets. */
export const maskAll = (errors: readonly unknown[], log: Logger): GraphQLFormattedError[] =>
  errors.map((error) => formatError(log)(format(error), error));

const format = (error: unknown): GraphQLFormattedError => {
  if (error instanceof GraphQLError) return error.toJSON();
  return { message: error instanceof Error ? error.message : String(error) };
};
