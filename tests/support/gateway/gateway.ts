import { Writable } from 'node:stream';
import {
  defaultLimits,
  type GatewayLimits,
  type GatewayOptions,
  startGateway as start,
} from '@rookery/gateway';
import { type Labels, readMetric } from '@rookery/runtime';
import { createClient } from 'graphql-ws';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type PostOptions, postGraphql } from '../clients/post-graphql.ts';
import { startGatewayKeys } from '../index.ts';
import { composedOnce } from './composed.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { type Network, startNetwork } from './network.ts';

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string;
  /** Its metrics, as a scraper gets them. */
  metrics(): Promise<string>;
  /** Sum of the samples of one metric that have these labels; undefined if there is none. */
  metric(name: string, labels?: Labels): Promise<number | undefined>;
  readonly network: Network;
  readonly issuer: Issuer;
  /** All that it has logged, as lines of JSON. */
  readonly log: () => string;
  /** One operation by POST. */
  ask(query: string, variables?: object, options?: PostOptions): Promise<Answer>;
  /** A client of the npm library, with everything that it is told noted. @param more of connection_init */
  live(token?: string, more?: Readonly<Record<string, string>>): LiveClient;
  /** Stops the gateway alone. */
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
}

type LiveClient = ReturnType<typeof createClient>;

export interface TestGatewayOptions {
  readonly limits?: Partial<GatewayLimits>;
  readonly options?: Partial<GatewayOptions>;
  /** Settings of token verification that differ from the default. */
  readonly tokens?: Partial<GatewayOptions['tokens']>;
  /** Source of the supergraph of the two subgraphs. Default: given directly. */
  readonly supergraph?: (
    sdl: string,
    subgraphs: Network['all'],
  ) => GatewayOptions['supergraph'] | Promise<GatewayOptions['supergraph']>;
}

/** A gateway over the two subgraphs of the tests and an issuer of tokens, each on a port of its own. */
export const startGateway = async ({
  limits,
  options,
  tokens,
  supergraph = (sdl) => sdl,
}: TestGatewayOptions = {}): Promise<TestGateway> => {
  await using undo = new AsyncDisposableStack();
  const keys = undo.use(await startGatewayKeys());
  const network = undo.use(await startNetwork(keys.keysUrl));
  const issuer = undo.use(await startIssuer());
  const lines: string[] = [];
  const log = pino(
    { level: 'debug', serializers: { error: pino.stdSerializers.err } },
    new Writable({
      write: (line, _encoding, done) => {
        lines.push(String(line));
        done();
      },
    }),
  );
  const resources = new AsyncDisposableStack();
  undo.defer(() => resources.disposeAsync());
  const { url, metricsUrl } = await start(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      production: false,
      supergraph: await supergraph(
        composedOnce(Object.fromEntries(network.all.map(({ name, sdl }) => [name, sdl]))),
        network.all,
      ),
      subgraphs: Object.fromEntries(network.all.map(({ name, url: at }) => [name, at])),
      internalKeyFiles: [keys.keyFile],
      tokens: { jwksUrl: issuer.jwksUrl, issuer: issuer.issuer, audience: issuer.audience, ...tokens },
      origins: ['https://app.example'],
      limits: { ...defaultLimits, drainSpreadMs: 0, lingerMs: 0, ...limits },
      resilience: {},
      ...options,
    },
    log,
    resources,
  );
  const clients: LiveClient[] = [];
  undo.defer(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
  });
  const all = undo.move();
  return {
    url,
    metrics: async () => (await fetch(`${metricsUrl}/metrics`)).text(),
    metric: (name, wanted) => readMetric(metricsUrl, name, wanted),
    metricsUrl,
    network,
    issuer,
    log: () => lines.join(''),
    ask: (query, variables = {}, more) => postGraphql(`${url}/graphql`, { query, variables }, more),
    live: (token, more = {}) => {
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: token === undefined ? more : { authorization: `Bearer ${token}`, ...more },
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    },
    stop: () => resources.disposeAsync(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
};
