import type { GraphQLFormattedError } from 'graphql';
import { isRecord } from '../pipeline/is-record.ts';

/** A GraphQL response (section 7.1) as far as it could be read. */
export interface ReadAnswer {
  data?: Record<string, unknown> | null;
  errors?: GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

/** Codes by which a subgraph says that the gateway, not the client, asked wrongly. */
const gatewaysFault: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/**
 * Reads a subgraph's response and keeps every good part. `null` counts as left out, what is of the wrong kind too;
 * an error that can't be read remains an error.
 * @throws Error if it is no object
 */
export const readAnswer = (response: unknown): ReadAnswer => {
  if (!isRecord(response)) throw new Error('the answer is not an object');
  const { data, errors, extensions } = response;
  const answer: ReadAnswer = {};
  if (isRecord(data) || data === null) answer.data = data;
  if (Array.isArray(errors) ? errors.length > 0 : errors !== undefined && errors !== null)
    answer.errors = (Array.isArray(errors) ? errors : [errors]).map(readError);
  if (isRecord(extensions)) answer.extensions = extensions;
  return answer;
};

const readError = (error: unknown): GraphQLFormattedError => {
  const { message, path, extensions } = isRecord(error) ? error : {};
  return {
    message: typeof message === 'string' ? message : 'The subgraph reported an error without a message.',
    ...(isPath(path) && { path }),
    ...(isRecord(extensions) && { extensions: withoutGatewaysFault(extensions) }),
  };
};

const isPath = (path: unknown): path is (string | number)[] =>
  Array.isArray(path) && path.every((step) => typeof step === 'string' || typeof step === 'number');

/** Without its code such an error is masked and logged; with it, it would read as the client's own. */
const withoutGatewaysFault = (extensions: Record<string, unknown>): Record<string, unknown> => {
  if (!gatewaysFault.has(extensions.code)) return extensions;
  const { code: _code, ...rest } = extensions;
  return rest;
};
