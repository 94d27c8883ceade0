import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createToken,
  Database,
  revokeToken,
  type Scope,
  startRegistry as start,
  type WebhookOptions,
} from '@rookery/registry';
import { createLog } from '@rookery/runtime';
import { type FreshDatabase, freshDatabase } from '../support/index.ts';

interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into an answer without its type
  readonly body: any;
}

export interface TestRegistry extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string;
  readonly database: FreshDatabase;
  readonly keyFile: string;
  /** Public keys, as gateways read them. */
  readonly keysFile: string;
  /** Creates a token with these scopes. */
  token(...scopes: Scope[]): Promise<string>;
  revoke(token: string): Promise<void>;
  /** Sends a request with a token for everything, or with another one, or with none if it is empty. */
  ask(path: string, body?: unknown, more?: Ask): Promise<Response>;
  publish(subgraphs: Readonly<Record<string, string>>, more?: object): Promise<Response>;
  /** Stops the server alone. */
  stop(): Promise<void>;
}

interface Ask {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rawBody?: string;
}

export interface TestRegistryOptions {
  /** Database of another registry, for a second replica; default: a new one. */
  readonly of?: TestRegistry;
  readonly natsUrl?: string | undefined;
  /** Address at which it reaches Postgres; default: directly. */
  readonly through?: (url: string) => string;
  /** Differences to the webhooks of tests, which go to this machine, soon, and again at once. */
  readonly webhooks?: Partial<WebhookOptions>;
}

const address = (name: string): string => `http://${name}.example/graphql`;

/** A registry on a database of its own, with tokens. */
export const startRegistry = async ({
  of,
  natsUrl,
  through = (url) => url,
  webhooks,
}: TestRegistryOptions = {}): Promise<TestRegistry> => {
  await using undo = new AsyncDisposableStack();
  const database = of?.database ?? undo.use(await freshDatabase());
  const dir = mkdtempSync(join(tmpdir(), 'rookery-registry-'));
  undo.defer(() => rmSync(dir, { recursive: true, force: true }));
  const keyFile = of?.keyFile ?? join(dir, 'registry-key.pem');
  const resources = new AsyncDisposableStack();
  undo.defer(() => resources.disposeAsync());
  const log = createLog('registry', 'silent');
  const { url, metricsUrl } = await start(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      postgresUrl: through(database.url),
      natsUrl,
      keyFiles: [keyFile],
      publicKeysFile: `${keyFile}.jwks`,
      keepDays: 90,
      webhooks: { targets: 'private', pollMs: 20, firstRetryMs: 10, ...webhooks },
      lingerMs: 0, // the connections of the tests' clients stay open
    },
    log,
    resources,
  );
  const token = async (...scopes: Scope[]) => {
    await using direct = new Database(database.url, log);
    return await direct.transaction((client) => createToken(client, { name: scopes.join('+'), scopes }));
  };
  const all = await token('publish', 'check', 'read', 'report');
  const ask = async (path: string, body?: unknown, { token: given = all, headers, rawBody }: Ask = {}) => {
    const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${url}${path}`, {
      ...(sent === undefined ? {} : { method: 'POST', body: sent }),
      headers: {
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(given === '' ? {} : { authorization: `Bearer ${given}` }),
        ...headers,
      },
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
  const owned = undo.move();
  return {
    url,
    metricsUrl,
    database,
    keyFile,
    keysFile: `${keyFile}.jwks`,
    token,
    revoke: async (text) => {
      await using direct = new Database(database.url, log);
      await revokeToken(direct, text.split('_')[1] ?? '');
    },
    ask,
    publish: (subgraphs, more = {}) =>
      ask('/v1/publish', {
        subgraphs: Object.entries(subgraphs).map(([name, sdl]) => ({ name, sdl, address: address(name) })),
        author: 'ada',
        ...more,
      }),
    stop: () => resources.disposeAsync(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
