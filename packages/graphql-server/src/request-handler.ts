import { errorCodes, type Logger } from '@rookery/runtime';
import type { FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, getOperationAST } from 'graphql';
import { createHandler } from 'graphql-http';
import { notFromGateway, type SubgraphContext } from './context.ts';
import { Documents, InvalidDocumentError, withCode } from './documents.ts';
import { errorCodeOf, maskError, RookeryError } from './errors.ts';

/** Response to one request of the gateway. */
interface SubgraphResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

type RequestHandler = (request: FastifyRequest, context: SubgraphContext) => Promise<SubgraphResponse>;

/** The library wants an index signature. */
type HandlerContext = SubgraphContext & Record<PropertyKey, unknown>;

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

/**
 * Creates a handler that executes the operations of the gateway.
 * @throws the error of a request that is refused as a whole, see `failure`
 */
export const createRequestHandler = (schema: GraphQLSchema, log: Logger): RequestHandler => {
  const documents = new Documents(schema);
  const handle = createHandler<FastifyRequest, SubgraphContext, HandlerContext>({
    onSubscribe: ({ context }, { query, operationName, variables }) => {
      const document = documents.read(query);
      const operation = getOperationAST(document, operationName)?.operation;
      // The token is bound to a body that was compared, so it cannot be used for another mutation.
      if (operation === 'mutation' && !context.boundToOperation) throw notFromGateway();
      return {
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue: context as HandlerContext,
      };
    },
    onOperation: ({ context }, _args, { data, errors }) => {
      const wasExecuted = data !== undefined;
      const shown = wasExecuted ? errors : errors?.map(notCoerced);
      // Serialized here, because the library would call a function for each value.
      const body = serialize(data, shown && format(shown, log, context.requestId), context);
      return [body, { status: wasExecuted ? 200 : 400, statusText: '', headers: jsonHeaders }];
    },
    // Only requests without a valid operation get here.
    formatError: ({ message }) => new RookeryError('BAD_REQUEST', message),
  });
  return async (request, context) => {
    const { method, url, headers, body } = request;
    const [text, init] = await handle({
      method,
      url,
      headers,
      body: body as Record<string, unknown> | null,
      raw: request,
      context,
    });
    return { status: init.status, headers: { ...init.headers }, body: text ?? undefined };
  };
};

/** Returns the response to a request that was refused before anything was executed. */
export const failure = (thrown: unknown, log: Logger, requestId: string): SubgraphResponse => {
  const refusal = (status: number, headers: object, errors: readonly GraphQLError[]): SubgraphResponse => ({
    status,
    headers: { ...jsonHeaders, ...headers },
    body: JSON.stringify({ errors: format(errors, log, requestId) }),
  });
  if (thrown instanceof InvalidDocumentError) return refusal(400, {}, thrown.errors);
  const error =
    thrown instanceof GraphQLError
      ? thrown
      : new GraphQLError('unexpected error', { originalError: thrown instanceof Error ? thrown : null });
  const { status = errorCodes[errorCodeOf(thrown) ?? 'INTERNAL_SERVER_ERROR'], headers = new Map() } = (error
    .extensions.http ?? {}) as { readonly status?: number; readonly headers?: ReadonlyMap<string, string> };
  return refusal(status, Object.fromEntries(headers), [error]);
};

/** Variables that cannot be coerced are the only errors of a valid operation that was not executed. */
const notCoerced = (error: GraphQLError): GraphQLError => withCode(error, 'BAD_USER_INPUT');

const format = (errors: readonly GraphQLError[], log: Logger, requestId: string): GraphQLFormattedError[] =>
  errors.map((error) => maskError(error.toJSON(), error.originalError ?? error, log, requestId));

const serialize = (
  data: unknown,
  errors: readonly GraphQLFormattedError[] | undefined,
  { responseExtensions }: SubgraphContext,
): string => {
  const extensions = responseExtensions.collected();
  return JSON.stringify({
    errors,
    data,
    extensions: Object.keys(extensions).length > 0 ? extensions : undefined,
  });
};
