import { RookeryError, rateLimited } from '@rookery/graphql-server';
import { type Logger, newId, readAfterHeader } from '@rookery/runtime';
import { pullIterator } from '@rookery/runtime/iterators';
import { type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError, parse } from 'graphql';
import { makeServer, type SubscribePayload } from 'graphql-ws';
import type { Authenticate, Session } from '../auth/authenticate.ts';
import type { InternalTokens } from '../auth/internal-tokens.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { ClientHeaders, HeaderPropagation } from '../http/client-headers.ts';
import { type ClientName, clientNameFrom } from '../http/client-name.ts';
import { readAfterFrom } from '../http/read-after.ts';
import { costHeader, operationContext } from '../pipeline/context.ts';
import type { OperationRequest, Outcome } from '../pipeline/operation.ts';
import type { Operations } from '../pipeline/operations.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { AccessLog } from '../telemetry/access-log.ts';
import { type Close, closeCodes } from './close-codes.ts';

export interface SocketOperationsOptions {
  readonly operations: Operations;
  readonly supergraph: Supergraph;
  readonly authenticate: Authenticate;
  readonly accessLog: AccessLog;
  readonly tokens: InternalTokens;
  readonly headerPropagation: HeaderPropagation;
  /** Operations under way at once on one socket. */
  readonly operationsPerSocket: number;
  /** Longest wait for connection_init. */
  readonly initTimeoutMs: number;
  readonly log: Logger;
}

/** One client's socket. */
export interface Connection {
  /** Session of the socket; undefined is anonymous. */
  session: Session | undefined;
  client?: ClientName;
  /** Those of the upgrade, and of connection_init. */
  clientHeaders: ClientHeaders;
  /** Address of the client, behind trusted proxies. */
  readonly address: string;
  /** Subscriptions that run on it. */
  subscriptions: number;
  /** By id, the operation that is on its way from its message to its beginning. */
  readonly beginning: Map<string, object>;
  /** Called once, when connection_init is accepted. */
  readonly signedIn: (session: Session | undefined) => void;
  readonly close: (why: Close) => void;
  /** Sends a message. Returns a promise if the client does not keep up, which resolves when more may be sent. */
  readonly send: (text: string) => Promise<void> | undefined;
}

/** A single result, or events, for the protocol server to send. */
type Begun = { readonly result: FormattedExecutionResult } | Extract<Outcome, { kind: 'subscription' }>;

/** To the protocol server everything is a stream, a single answer one of length one: it looks no closer. */
const stream = parse('subscription { _ }');

/** An error whose form for the client is settled. */
class SignInRefusedError extends GraphQLError {
  readonly formatted: GraphQLFormattedError;
  constructor(formatted: GraphQLFormattedError) {
    super(formatted.message);
    this.formatted = formatted;
  }
}

/** Data that the protocol server passes from its decision to the execution. */
interface Prepared {
  readonly id: string;
  readonly connection: Connection;
  /** Taken by who runs it. */
  outcome: Begun | undefined;
}

/** graphql-transport-ws for operations of every kind, all run by the same pipeline as over HTTP. */
export const socketProtocol = (options: SocketOperationsOptions) =>
  makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: options.initTimeoutMs,
    onConnect: ({ extra: connection, connectionParams }) => {
      connection.client = clientNameFrom(connectionParams);
      return signIn(connection, connectionParams, options);
    },
    onSubscribe: async ({ extra: connection, subscriptions }, id, payload) => {
      // The operation itself is among them.
      if (Object.keys(subscriptions).length > options.operationsPerSocket) return [rateLimited(1)];
      const mine = {};
      connection.beginning.set(id, mine);
      const outcome = await run(payload, connection, options);
      // Ended before it began, and its id is in use again: the protocol server would take the one for the other,
      // and never end this one. A promise that never settles is let go with all that waits for it.
      if (connection.beginning.get(id) !== mine) return new Promise<never>(() => {});
      connection.beginning.delete(id);
      if ('result' in outcome && outcome.result.data === undefined)
        return (outcome.result.errors ?? []).map((error) => new SignInRefusedError(error));
      return {
        schema: options.supergraph.graph.schema,
        document: stream,
        contextValue: { id, outcome, connection } satisfies Prepared,
      };
    },
    subscribe: ({ contextValue }) => {
      const prepared = contextValue as Prepared;
      const { id, outcome, connection } = prepared;
      if (outcome === undefined) throw new Error('an operation is begun twice');
      // The protocol server keeps what it was given for as long as the subscription is open.
      prepared.outcome = undefined;
      if ('result' in outcome) return sending(single(outcome.result), id, connection);
      connection.subscriptions++;
      const events = outcome.start(() => connection.close(closeCodes.tooSlow));
      void events.closed.then(() => connection.subscriptions--);
      const deliverTo: Delivery['deliverTo'] = (send) => events.deliverTo(send);
      return sending({ deliverTo, leave: () => events.return(undefined) }, id, connection);
    },
    onError: (_context, _id, _payload, errors) =>
      errors.flatMap((error) =>
        error instanceof SignInRefusedError
          ? error.formatted
          : maskAll([error], { log: options.log, requestId: newId() }),
      ),
  });

/** The answers to one operation, on their way to a socket. */
interface Delivery {
  readonly deliverTo: (send: Connection['send']) => Promise<void>;
  /** Ends it before its end. */
  readonly leave: () => unknown;
}

const single = (result: FormattedExecutionResult): Delivery => ({
  deliverTo: async (send) => await send(JSON.stringify(result)),
  leave: () => {},
});

/**
 * Sends events as they arrive: their text is serialized once for all subscribers. The protocol server only
 * sees the end, and only if the client did not cause it: by then its id may be in use again, and the protocol
 * server would end the new subscription instead.
 */
const sending = ({ deliverTo, leave }: Delivery, id: string, { send }: Connection): AsyncGenerator<never> => {
  const before = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  return pullIterator<never>(
    async () => {
      await deliverTo((text) => send(`${before}${text}}`));
      return undefined;
    },
    { abandonsPending: true, onEnd: async () => void (await leave()) },
  );
};

/** Returns whether the socket may stay; if it may not, closes it with the code that says why. */
const signIn = async (
  connection: Connection,
  parameters: Readonly<Record<string, unknown>> | undefined,
  { authenticate, headerPropagation }: SocketOperationsOptions,
): Promise<boolean> => {
  try {
    // A header of the upgrade wins: a proxy that sets one for all its clients can't be overruled by them.
    connection.clientHeaders = connection.clientHeaders.or(headerPropagation.from(parameters));
    connection.signedIn(await authenticate.session(parameters?.authorization));
    return true;
  } catch (error) {
    connection.close(closeFor(error));
    return false;
  }
};

const closeFor = (error: unknown): Close => {
  if (!(error instanceof RookeryError)) return closeCodes.tryAgainLater;
  if (error.code === 'BAD_REQUEST') return closeCodes.badRequest;
  return error.code === 'UNAUTHENTICATED' ? closeCodes.unauthorized : closeCodes.tryAgainLater;
};

const run = async (
  { query, operationName, variables, extensions }: SubscribePayload,
  connection: Connection,
  { operations, accessLog, tokens, log }: SocketOperationsOptions,
): Promise<Begun> => {
  const started = performance.now();
  const requestId = newId();
  const viewer = connection.session?.viewer ?? null;
  let readAfter: string[];
  try {
    readAfter = readAfterFrom(extensions?.[readAfterHeader]);
  } catch (error) {
    return { result: { errors: maskAll([error], { log, requestId }) } };
  }
  const context = operationContext({
    tokens,
    viewer,
    session: connection.session,
    requestId,
    address: connection.address,
    readAfter,
    clientHeaders: connection.clientHeaders,
    client: connection.client,
    live: true,
    showCost: extensions?.[costHeader] !== undefined,
  });
  const request: OperationRequest = {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables } : {}),
    ...(extensions ? { extensions } : {}),
  };
  const outcome = await operations.run(request, context);
  const duration = performance.now() - started;
  const { client } = connection;
  const { record } = outcome;
  accessLog.write({ transport: 'websocket', requestId, duration, viewer, client, record });
  if (outcome.kind === 'bytes') throw new Error('bytes for a context that does not take them');
  return outcome;
};
