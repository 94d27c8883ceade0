import { maskError, RookeryError } from '@rookery/graphql-server';
import { type SubgraphContext, subgraphContext, verifyGateway } from '@rookery/graphql-server/subgraph';
import type { Logger } from '@rookery/runtime';
import { type GatewayVerifier, gatewayHeader } from '@rookery/subgraph-auth';
import type { FastifyInstance } from 'fastify';
import {
  type ExecutionArgs,
  type ExecutionResult,
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
import type { LiveBeginning, QueryContext } from '../context.ts';

export interface LiveServerOptions {
  readonly app: FastifyInstance;
  readonly schema: GraphQLSchema;
  readonly verifier: GatewayVerifier;
  readonly log: Logger;
  readonly context: (base: SubgraphContext & LiveBeginning) => QueryContext;
}

/** Longest message that is read, in bytes. */
const maxPayload = 262_144;
/** Time in which a socket must close before it is cut. Milliseconds. */
const closingTime = 1_000;

/** Prepends an event without data, which tells the gateway the initial position of the stream. */
const startingAt = (
  events: AsyncGenerator<ExecutionResult>,
  checkpoint: unknown,
): AsyncIterableIterator<ExecutionResult> => {
  let told = false;
  return {
    next() {
      if (told) return events.next();
      told = true;
      return Promise.resolve({ done: false, value: { data: null, extensions: { checkpoint } } });
    },
    return: () => events.return(undefined),
    throw: (error) => events.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

const isAsyncIterable = (value: object): boolean => Symbol.asyncIterator in value;

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

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
  const sockets = new WebSocketServer({ noServer: true, maxPayload });

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
      contextValue: context({ ...base, checkpoint: asText(extensions?.checkpoint) }),
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
      onOperation: (_context, _id, { extensions: asked }, { contextValue }, result) => {
        const { extensions } = contextValue as QueryContext;
        const { checkpoint } = extensions;
        delete extensions.checkpoint;
        if (asked?.checkpoints !== true || checkpoint === undefined || !isAsyncIterable(result))
          return result;
        return startingAt(result as AsyncGenerator<ExecutionResult>, checkpoint);
      },
      onNext: (
        _context,
        _id,
        { extensions: asked },
        args,
        { data, errors, extensions: own },
      ): FormattedExecutionResult => {
        const { checkpoint, ...told } = (args.contextValue as QueryContext).extensions;
        const extensions = {
          ...told,
          ...(asked?.checkpoints === true && checkpoint ? { checkpoint } : {}),
          ...own,
        };
        return {
          ...(data === undefined ? {} : { data }),
          ...(errors ? { errors: masked(errors, args) } : {}),
          ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
        };
      },
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
    }, closingTime);
    await server.dispose();
    clearTimeout(cut);
  };
};
