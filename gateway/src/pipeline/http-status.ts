import { errorCodes } from '@rookery/runtime';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { InvalidRequestError } from './invalid-request.ts';

interface HttpHead {
  readonly status: number | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

const noHeaders: ReadonlyMap<string, string> = new Map();
const statuses: ReadonlyMap<unknown, number> = new Map(Object.entries(errorCodes));

/** Returns the HTTP status and headers that an error carries. */
export const httpOf = (error: unknown): HttpHead => {
  const { http } = error instanceof GraphQLError ? error.extensions : {};
  const { status, headers } = (http ?? {}) as Partial<HttpHead>;
  return { status, headers: headers ?? noHeaders };
};

/**
 * Returns the status of an operation that was refused: the one that its error carries, else that of the code that the
 * client sees.
 */
export const statusOf = (error: unknown, shown: readonly GraphQLFormattedError[]): HttpHead => {
  const { status, headers } = httpOf(error instanceof InvalidRequestError ? error.errors[0] : error);
  return { status: status ?? statuses.get(shown[0]?.extensions?.code), headers };
};
