import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mutationSettings, startMutation } from '@rookery/mutation';
import { createLog, readConfig } from '@rookery/runtime';
import {
  type FreshDatabase,
  type FreshServer,
  freshDatabase,
  freshNats,
  type GatewaySigner,
  startGatewayKeys,
  useServers,
} from '../index.ts';
import { ofEachField } from '../model/toggles.ts';
import { connected } from './mutation-connected.ts';

export const log = createLog('test', process.env.LOG_LEVEL ?? 'silent');

/** Everything that a mutation subgraph needs, without a reader of the queue: events stay there to be inspected. */
export interface Ground extends AsyncDisposable {
  /** Signs for the subgraph as the gateway would. */
  readonly signer: GatewaySigner;
  readonly nats: FreshServer;
  readonly database: FreshDatabase;
  /** The environment of a mutation subgraph, all but its port. */
  readonly env: Readonly<Record<string, string>>;
}

export const freshGround = async (): Promise<Ground> => {
  await using undo = new AsyncDisposableStack();
  const home = mkdtempSync(join(useServers().dir, 'mutation-'));
  undo.defer(() => rmSync(home, { recursive: true, force: true }));
  const database = undo.use(await freshDatabase());
  const nats = undo.use(await freshNats());
  const keys = undo.use(await startGatewayKeys());
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    MUTATION_PORT: '0',
    MUTATION_METRICS_PORT: '0',
    POSTGRES_URL: database.url,
    NATS_URL: nats.url,
    DOCUMENTS_URL: database.url,
    GATEWAY_KEYS_URL: keys.keysUrl,
    TOKEN_KEY_FILE: join(home, 'token-key.pem'),
    CURSOR_SECRET: 'c'.repeat(32),
  };
  const held = undo.move();
  return { nats, database, signer: keys, env, [Symbol.asyncDispose]: () => held.disposeAsync() };
};

export interface Answer {
  readonly data?: Record<string, Payload | null> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly field?: string; readonly retryAfter?: number };
  }[];
  readonly extensions?: { readonly readAfter?: readonly string[] };
}

/** The fields of all payloads; each test selects those of its mutation. */
export interface Payload {
  readonly token: string;
  readonly expiresAt: string;
  readonly refreshToken: string;
  readonly refreshExpiresAt: string;
  readonly user: { readonly id: string; readonly handle: string; readonly joinedAt: string };
  readonly post: { readonly id: string } | null;
  readonly activity: {
    readonly id: string;
    readonly verb: string;
    readonly status: string;
    readonly acceptedAt: string;
    readonly position: string | null;
    readonly reason: string | null;
    readonly actor: { readonly id: string };
  } | null;
}

/** Asks a mutation subgraph as the gateway does, for this viewer. */
export const asker = (address: string, signer: GatewaySigner) => {
  const post = async (viewer: string | null, query: string, variables: object = {}): Promise<Answer> => {
    const body = JSON.stringify({ query, variables });
    const headers = await signer.headers({ audience: 'mutation', viewer, body });
    const response = await fetch(`${address}/graphql`, { method: 'POST', headers, body });
    return (await response.json()) as Answer;
  };
  return {
    post,
    /** One mutation by its name; answers its payload, or throws its error's code and field: `NOT_FOUND`, `BAD_USER_INPUT body`. */
    mutate: async (viewer: string | null, name: MutationName, input: object): Promise<Payload> => {
      const [type, fields] = mutations[name];
      const { data, errors } = await post(
        viewer,
        `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`,
        { input },
      );
      const [error] = errors ?? [];
      if (error) {
        throw new Error(
          [error.extensions.code, error.extensions.field].filter((t) => t !== undefined).join(' '),
        );
      }
      const payload = data?.[name];
      if (!payload) throw new Error(`no answer to ${name}`);
      return payload;
    },
  };
};

const activity = 'activity { id verb status acceptedAt position reason actor { id } }';
const session = `token expiresAt refreshToken refreshExpiresAt user { id handle joinedAt } ${activity}`;
const ofPost = `post { id } ${activity}`;
const ofUser = `user { id } ${activity}`;

const mutations = {
  signUp: ['SignUpInput', session],
  logIn: ['LogInInput', session],
  refreshSession: ['RefreshSessionInput', session],
  changePassword: ['ChangePasswordInput', session],
  changeHandle: ['ChangeHandleInput', ofUser],
  updateProfile: ['UpdateProfileInput', ofUser],
  publishPost: ['PublishPostInput', ofPost],
  editPost: ['EditPostInput', ofPost],
  deletePost: ['PostInput', ofPost],
  ...ofEachField(({ input }) => [input, input === 'PostInput' ? ofPost : ofUser] as const),
} as const;

export type MutationName = keyof typeof mutations;

export type Mutation = ReturnType<typeof asker> &
  AsyncDisposable & { readonly address: string; readonly metricsUrl: string };

/**
 * Starts a mutation subgraph in this process, on its own connections: start two for two replicas.
 * @param wait until it reaches its servers; false if they are down
 * @param now its clock
 */
export const startMutationSubgraph = async (
  { env, signer }: Pick<Ground, 'env' | 'signer'>,
  { wait = true, now = Date.now }: { readonly wait?: boolean; readonly now?: () => number } = {},
): Promise<Mutation> => {
  await using undo = new AsyncDisposableStack();
  const config = readConfig(mutationSettings, env);
  const { url: address, metricsUrl } = await startMutation(config, log, undo, { now, lingerMs: 0 });
  if (wait) await connected(address);
  const resources = undo.move();
  return {
    ...asker(address, signer),
    address,
    metricsUrl,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
