import type { ErrorCode } from '@rookery/runtime';
import { GraphQLError } from 'graphql';

/** A request that is refused as a whole, for one or more errors. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.errors = errors;
  }
}

/** Returns an error of graphql-js with a code of the table. */
export const withCode = (error: GraphQLError, code: ErrorCode): GraphQLError => {
  const { message, nodes, source, positions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source,
    positions: positions ?? null,
    extensions: { code },
  });
};
