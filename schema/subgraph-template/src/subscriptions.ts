import type { Server } from 'node:http';
import { GatewayTokenError, type GatewayVerifier, gatewayHeader } from '@rookery/subgraph-auth';
import { GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { type Context, contextOf } from './context.ts';
import { maskError, notFromGateway, tryLater } from './errors.ts';
import { schema, validationRules } from './schema.ts';
import { startWith } from './start-with.ts';
import type { SampleStore } from './store.ts';

export interface SubscriptionOptions {
  readonly server: Server;
  readonly verifier: GatewayVerifier;
  readonly store: SampleStore;
}

/** Longest message, in bytes. */
const maxPayloadBytes = 262_144;
/** Time in which a socket must close before it is cut. */
const closeTimeoutMs = 1_000;

/**
 * Serves subscriptions at /graphql over graphql-transport-ws, to the gateway only. One socket carries the subscriptions of many
 * viewers: the gateway shows a token when it connects, and one for the viewer with each subscription.
 */
export const serveSubscriptions = ({ server, verifier, store }: SubscriptionOptions) => {
  const prepare = async (
    { query, operationName, variables }: OperationPayload,
    extensions: Readonly<Record<string, unknown>>,
  ) => {
    const claims = await verifier.verify(extensions[gatewayHeader]);
    const document = parse(query);
    const errors = validate(schema, document, [...specifiedRules, ...validationRules]);
    if (errors.length > 0) return errors;
    // There is no body that a token could be bound to, so nothing may be written over a socket.
    if (getOperationAST(document, operationName)?.operation !== 'subscription')
      return [new GraphQLError('Only subscriptions come over a socket.')];
    const contextValue = contextOf(claims, extensions, store);
    return { schema, document, operationName, variableValues: variables, contextValue };
  };

  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: maxPayloadBytes });
  const subscriptions = useServer(
    {
      onConnect: async ({ connectionParams }) => {
        try {
          await verifier.verify(connectionParams?.[gatewayHeader]);
          return true;
        } catch (error) {
          // Anything else closes the socket with 4500, and the gateway tries again.
          if (error instanceof GatewayTokenError) return false;
          throw error;
        }
      },
      onSubscribe: async (_context, _id, payload) => {
        try {
          return await prepare(payload, payload.extensions ?? {});
        } catch (error) {
          // One bad operation must not close the socket of all the others.
          return [errorOf(error)];
        }
      },
      // Tells the gateway the first position of the subscription, before there is any event.
      onOperation: (_context, _id, { extensions }, { contextValue }, result) => {
        const { cursor } = (contextValue as Context).start;
        if (extensions?.checkpoints !== true || cursor === undefined || !(Symbol.asyncIterator in result))
          return result;
        return startWith([{ data: null, extensions: { checkpoint: cursor } }], result);
      },
      onNext: (_context, _id, _payload, _args, { data = null, errors }) =>
        errors === undefined ? undefined : { data, errors: masked(errors) },
      onError: (_context, _id, _payload, errors) => masked(errors),
    },
    sockets,
  );
  return {
    /** Closes all sockets with 1001. It completes no subscription: that would mean that it is over. */
    async close(): Promise<void> {
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, closeTimeoutMs);
      await subscriptions.dispose();
      clearTimeout(cut);
    },
  };
};

interface OperationPayload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

const masked = (errors: readonly GraphQLError[]) => errors.map((error) => maskError(error).toJSON());

const errorOf = (error: unknown): GraphQLError => {
  if (error instanceof GatewayTokenError) return notFromGateway();
  if (error instanceof GraphQLError) return error;
  console.error(error);
  return tryLater();
};
