import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type SubgraphContext, serveSubgraph, subgraphContext } from '@rookery/graphql-server/subgraph';
import {
  type SubscriptionContext,
  subscribeWithExtensions,
  subscriptionStart,
} from '@rookery/graphql-server/subscribe';
import { createHttp } from '@rookery/http-server';
import { createLog } from '@rookery/runtime';
import { createGatewayVerifier, gatewayHeader } from '@rookery/subgraph-auth';
import { type ExecutionArgs, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

type Resolver = (
  parent: never,
  args: never,
  context: SubgraphContext & { headers: Record<string, unknown>; checkpoint?: string | undefined },
) => unknown;
export type Resolvers = Record<
  string,
  Record<string, Resolver | { subscribe: Resolver; resolve?: (value: never) => unknown }>
>;

/** A request as the subgraph saw it. */
interface Asked {
  readonly viewer: string | null;
  readonly requestId: string;
  readonly readAfter: readonly string[];
  readonly traceparent: string | undefined;
}

/** Headers of one request, or their equivalent on a socket, as the gateway sent them. */
interface Received {
  readonly over: 'http' | 'connection_init' | 'subscribe';
  readonly headers: Readonly<Record<string, unknown>>;
}

/** An answer that no resolver has a part in. */
interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TestSubgraph extends AsyncDisposable {
  readonly name: string;
  readonly sdl: string;
  readonly url: string;
  readonly asked: Asked[];
  /** Everything beside the operations that it was sent. */
  readonly received: Received[];
  /** The texts of the operations that it was sent over HTTP. */
  readonly queries: string[];
  /** Internal tokens that it was shown over HTTP. */
  readonly tokens: string[];
  /** Live sockets from the gateway. */
  readonly sockets: () => number;
  /** Which fetches, by their number, are answered 503, or with what instead; default none. */
  fails: (fetch: number) => boolean | CannedAnswer;
  /** Fetches wait for it. */
  hold: Promise<void>;
  /** Fetches that arrived over HTTP, whatever became of them. */
  fetches: number;
  /** Breaks the live sockets from the gateway, as a network does; with a code, closes them in good order. */
  cutSockets(code?: number): void;
  /** Refuses new live sockets from now on. @returns a function that admits them again */
  refuseSockets(): () => void;
  stop(): Promise<void>;
}

const log = createLog('subgraph', 'silent');

/** A subgraph with a schema of its own, served as ours are: signed HTTP, and graphql-transport-ws beside it. */
export const startSubgraph = async (
  name: string,
  sdl: string,
  resolvers: Resolvers,
  keysUrl: string,
): Promise<TestSubgraph> => {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
  const state = {
    fails: (_fetch: number): boolean | CannedAnswer => false,
    fetches: 0,
    hold: Promise.resolve(),
  };
  let refusing = false;
  const asked: Asked[] = [];
  const received: Received[] = [];
  const queries: string[] = [];
  const tokens: string[] = [];
  const note = ({ viewer, requestId, readAfter, traceparent }: SubgraphContext) =>
    asked.push({ viewer, requestId, readAfter, traceparent });
  const verifier = createGatewayVerifier({ keysUrl, audience: name });
  const app = createHttp({
    log,
    ready: {},
    lingerMs: 0,
  });
  app.addHook('onRequest', async ({ method, headers: shown }, reply) => {
    if (method !== 'POST') return;
    tokens.push(String(shown[gatewayHeader]));
    received.push({ over: 'http', headers: { ...shown } });
    const fails = state.fails(++state.fetches);
    await state.hold;
    if (fails === false) return;
    const { status, headers = {}, body = '{}' } = fails === true ? { status: 503 } : fails;
    await reply
      .code(status)
      .headers({ 'content-type': 'application/json', ...headers })
      .send(body);
  });
  app.addHook('preHandler', async ({ body }) => {
    if (body !== null && typeof body === 'object' && 'query' in body) queries.push(String(body.query));
  });
  await serveSubgraph({
    app,
    schema,
    verifier,
    log,
    context: (base) => {
      note(base);
      return base;
    },
  });
  const webSockets = new WebSocketServer({
    server: app.server,
    path: '/graphql',
    verifyClient: () => !refusing,
  });
  const live = useServer(
    {
      schema,
      onConnect: async ({ connectionParams }) => {
        received.push({ over: 'connection_init', headers: { ...connectionParams } });
        await subgraphContext(verifier, connectionParams ?? {}, log);
      },
      context: async (_context, _id, { extensions }) => {
        received.push({ over: 'subscribe', headers: { ...extensions } });
        const context = await subgraphContext(verifier, extensions ?? {}, log);
        note(context);
        return { ...context, ...subscriptionStart(extensions) };
      },
      subscribe: (args) =>
        subscribeWithExtensions(args as ExecutionArgs & { readonly contextValue: SubscriptionContext }),
    },
    webSockets,
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      for (const socket of webSockets.clients) socket.terminate();
      await live.dispose();
      app.server.closeAllConnections();
      await app.close();
    })();
    return stopped;
  };
  return Object.assign(state, {
    name,
    sdl,
    url: `http://127.0.0.1:${port}/graphql`,
    asked,
    received,
    queries,
    tokens,
    sockets: () => webSockets.clients.size,
    cutSockets: (code?: number) => {
      for (const socket of webSockets.clients) {
        if (code === undefined) socket.terminate();
        else socket.close(code);
      }
    },
    refuseSockets: () => {
      refusing = true;
      return () => {
        refusing = false;
      };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  });
};
