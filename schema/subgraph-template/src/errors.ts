import { GraphQLError } from 'graphql';

/** An error for the client. The gateway passes errors with a code that it knows, and masks all others. */
const clientError = (code: string, message: string, more: Readonly<Record<string, unknown>> = {}) =>
  new GraphQLError(message, { extensions: { ...more, code } });

export const badInput = (field: string, message: string): GraphQLError =>
  clientError('BAD_USER_INPUT', message, { field });
export const unauthenticated = (): GraphQLError => clientError('UNAUTHENTICATED', 'Sign in first.');
export const notFromGateway = (): GraphQLError =>
  clientError('FORBIDDEN', 'Subgraphs answer the gateway only.');
export const tryLater = (): GraphQLError => clientError('SERVICE_UNAVAILABLE', 'Try again later.');

/** Returns what leaves this process of an error: an unexpected one is logged, and its message is not sent. */
export const maskError = (error: Readonly<Error>): GraphQLError => {
  // graphql-js wraps what a resolver throws; its own errors about an operation wrap nothing.
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (error instanceof GraphQLError && cause instanceof GraphQLError) return error;
  console.error('unexpected error', cause);
  const { nodes, path }: Partial<GraphQLError> = error instanceof GraphQLError ? error : {};
  return new GraphQLError('Internal server error', {
    nodes: nodes ?? null,
    path: path ?? null,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
};
