import { maskError, RookeryError } from '@rookery/graphql-server';
import { type SubgraphContext, subgraphContext, verifyGateway } from '@rookery/graphql-server/subgraph';
import {
  type SubscriptionStart,
  subscribeWithExtensions,
  subscriptionStart,
} from '@rookery/graphql-server/subscribe';
import type { Logger } from '@rookery/runtime';
import { type GatewayVerifier, gatewayHeader } from '@rookery/subgraph-auth';
import type { FastifyInstance } from 'fastify';
import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { createAllowance } from '../answer-size/allowance.ts';
import type { QueryContext } from '../context.ts';

export interface LiveServerOptions {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  readonly context: (base: SubgraphContext, start: SubscriptionStart) => QueryContext;
}

/** Longest message that is read, in bytes. */
const maxPayloadBytes = 262_144;
/** Time in which a socket must close before it is cut. */
const closeTimeoutMs = 1_000;

/**
 * Serves the schema's subscriptions at /graphql over graphql-transport-ws, to the gateway alone: it shows a token
 * when it connects, and with each subscription one for its viewer, because all share a socket.
 * https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 * @returns how to end all subscriptions (close code 1001)
 */
export const serveLive = ({
  app,
  schema,
  verifier,
  log,
  context,
}: LiveServerOptions): (() => Promise<void>) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxPayloadBytes });

  const prepare = async (
    query: string,
    operationName: string | null | undefined,
    variableValues: Record<string, unknown> | null | undefined,
    extensions: Record<string, unknown> | null | undefined,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> => {
    const base = await subgraphContext(verifier, extensions ?? {}, log);
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
    if (getOperationAST(document, operationName)?.operation !== 'subscription')
      throw new RookeryError('BAD_REQUEST', 'Only subscriptions come over a socket.');
    return {
      schema,
      document,
      operationName,
      variableValues,
      // The trace of the client ends with the start of the subscription: each event belongs to that of its write.
      contextValue: context({ ...base, traceparent: undefined }, subscriptionStart(extensions)),
    };
  };

  const masked = (errors: readonly GraphQLError[], args?: ExecutionArgs): GraphQLFormattedError[] => {
    const { requestId } = (args?.contextValue ?? {}) as Partial<SubgraphContext>;
    return errors.map((error) => maskError(error.toJSON(), error.originalError ?? error, log, requestId));
  };

  const server = useServer(
    {
      onConnect: async ({ connectionParams }) => {
        try {
          await verifyGateway(verifier, connectionParams?.[gatewayHeader], log);
          return true;
        } catch (error) {
          // Without the gateway's keys nothing is decided: closed with 4500, and the gateway tries again.
          if (error instanceof RookeryError && error.code === 'FORBIDDEN') return false;
          throw error;
        }
      },
      onSubscribe: async (_context, _id, { query, operationName, variables, extensions }) => {
        try {
          return await prepare(query, operationName, variables, extensions);
        } catch (error) {
          // One bad operation must not close the socket of all the others.
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
      subscribe: (args) =>
        subscribeWithExtensions(
          args as ExecutionArgs & { readonly contextValue: QueryContext },
          (shared): QueryContext => ({ ...shared, allowance: createAllowance() }),
        ),
      onNext: (_context, _id, _payload, args, { errors, ...result }) =>
        (errors ? { ...result, errors: masked(errors, args) } : result) as FormattedExecutionResult,
      onError: (_context, _id, _payload, errors) => masked(errors),
    },
    sockets,
  );

  app.server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      sockets.emit('connection', webSocket, request),
    );
  });

  return async () => {
    const cut = setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, closeTimeoutMs);
    await server.dispose();
    clearTimeout(cut);
  };
};
