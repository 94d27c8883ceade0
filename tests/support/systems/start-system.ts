import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Child,
  freePort,
  type ProcessName,
  processNames,
  processReady,
  systemEnv,
} from '@rookery/stack';
import { postGraphql } from '../clients/post-graphql.ts';
import { until } from '../eventually.ts';
import { hold } from '../live-resources.ts';
import { type FreshDatabase, freshDatabase } from '../servers/fresh-database.ts';
import { type FreshServer, freshNats, freshRedis } from '../servers/fresh-servers.ts';
import { useServers } from '../servers/servers.ts';
import { startProgram } from './start-program.ts';

export interface SystemOptions {
  /** Environment on top of what the system sets, for all processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Environment of single processes, on top of that. */
  readonly envOf?: Partial<Record<ProcessName, Readonly<Record<string, string>>>>;
  /** Default: the system's own Postgres database. */
  readonly documentsUrl?: string;
  /** Keep Redis's data over a kill of Redis. Default false. */
  readonly persistRedis?: boolean;
  /** The server on which its database is made. Default: the shared one. */
  readonly postgresUrl?: string;
  /** Its database, if it is not to make one. */
  readonly database?: FreshDatabase;
  /** The folder in which NATS keeps its data. Default: one in the run's scratch folder. */
  readonly natsHome?: string;
  /** Which processes to start now; the others by `start(name)`. Default: all. */
  readonly processes?: readonly ProcessName[];
}

/** A whole Rookery of your own: five processes, on private servers, ports and secrets. */
export interface System extends AsyncDisposable {
  /** The gateway's addresses. */
  readonly gatewayUrl: string;
  readonly graphqlUrl: string;
  readonly webSocketUrl: string;
  /** Each process's own address, for health and direct calls. */
  readonly urls: Readonly<Record<ProcessName, string>>;
  /** Addresses of the metrics of each process, at /metrics. */
  readonly metricsUrls: Readonly<Record<ProcessName, string>>;
  readonly servers: {
    readonly database: FreshDatabase;
    readonly nats: FreshServer;
    readonly redis: FreshServer;
  };
  readonly documentsUrl: string;
  readonly secrets: { readonly cursor: string };
  readonly tokenKeyFile: string;
  /** The gateway's key, by which subgraphs know it. */
  readonly internalKeyFile: string;
  /** The environment that every process gets: for running another tool against this system. */
  readonly env: NodeJS.ProcessEnv;
  pid(name: ProcessName): number | undefined;
  /** Starts a process that does not run, and waits until it is ready. env is added for this incarnation. */
  start(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  /** Sends the signal and waits for the end, except for SIGSTOP and SIGCONT. Default SIGKILL. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Kills the process (SIGKILL) if it runs, starts it and waits until it is ready. */
  restart(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves once all that run are ready and, if all five run, a write can reach a feed. */
  ready(): Promise<void>;
  /** Everything that the process has logged so far. */
  log(name: ProcessName): string;
  /** An account made through the gateway. */
  signUp(handle?: string): Promise<Account>;
  stop(): Promise<void>;
}

export interface Account {
  readonly id: string;
  readonly handle: string;
  readonly password: string;
  readonly token: string;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const home = mkdtempSync(join(useServers().dir, 'system-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(home, { recursive: true, force: true }));
  const database = undo.use(options.database ?? (await freshDatabase(options.postgresUrl)));
  const [nats, redis] = await Promise.all([
    freshNats(options.natsHome === undefined ? {} : { home: options.natsHome }),
    freshRedis({ persist: options.persistRedis ?? false }),
  ]);
  undo.use(nats);
  undo.use(redis);

  const [ports, metricsPorts] = [await freePorts(), await freePorts()];
  const [urls, metricsUrls] = [urlsAt(ports), urlsAt(metricsPorts)];
  const secret = () => randomBytes(32).toString('base64url');
  const secrets = { cursor: secret() };
  const tokenKeyFile = join(home, 'token-key.pem');
  const internalKeyFile = join(home, 'internal-key.pem');
  const documentsUrl = options.documentsUrl ?? database.url;
  const env = {
    ...systemEnv({
      ports,
      metricsPorts,
      servers: { postgres: database.url, nats: nats.url, redis: redis.url, documents: documentsUrl },
      secrets,
      tokenKeyFile,
      internalKeyFile,
    }),
    NODE_ENV: 'test',
    // Tests come from one address, and fast; those of the limits set them.
    RATE_LIMIT_USER: '0',
    RATE_LIMIT_ADDRESS: '0',
    RATE_LIMIT_FIELDS: 'off',
    ...options.env,
  };

  const logFile = (name: ProcessName) => join(home, `${name}.log`);
  const children = new Map<ProcessName, Child>();
  const running = (name: ProcessName) => {
    const child = children.get(name);
    return child === undefined || child.hasExited ? undefined : child;
  };
  const ready = (name: ProcessName, child: Child) => processReady(child, ports[name], logFile(name));

  const start: System['start'] = async (name, more = {}) => {
    if (running(name) !== undefined) throw new Error(`${name} runs already`);
    const child = await startProgram(name, { ...env, ...options.envOf?.[name], ...more }, logFile(name));
    children.set(name, child);
    await ready(name, child);
  };
  const kill: System['kill'] = async (name, signal = 'SIGKILL') => {
    const child = running(name);
    child?.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await child?.exited;
  };

  // Killed and not stopped: nothing here is to be kept, and graceful stops have tests of their own.
  undo.defer(async () => {
    await Promise.all(processNames.map((name) => kill(name)));
  });
  await Promise.all((options.processes ?? processNames).map((name) => start(name)));
  if (options.processes === undefined) await untilFlowing(urls.query);

  const resources = undo.move();
  const stop = hold('system', () => resources.disposeAsync());
  const graphqlUrl = `${urls.gateway}/graphql`;
  return {
    gatewayUrl: urls.gateway,
    graphqlUrl,
    webSocketUrl: graphqlUrl.replace(/^http/, 'ws'),
    urls,
    metricsUrls,
    servers: { database, nats, redis },
    documentsUrl,
    secrets,
    tokenKeyFile,
    internalKeyFile,
    env,
    pid: (name) => running(name)?.pid,
    start,
    kill,
    async restart(name, more) {
      await kill(name);
      await start(name, more);
    },
    async ready() {
      await Promise.all(
        processNames.map(async (name) => {
          const child = running(name);
          if (child !== undefined) await ready(name, child);
        }),
      );
      if (processNames.every((name) => running(name) !== undefined)) await untilFlowing(urls.query);
    },
    log: (name) => readFileSync(logFile(name), 'utf8'),
    signUp: (handle) => signUp(graphqlUrl, handle),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Waits until the gateway gets an answer of the query subgraph. After failures its breaker pauses for up to ten seconds, however
 * soon the subgraph is ready again.
 */
export async function untilGatewayReads(graphqlUrl: string): Promise<void> {
  const body = JSON.stringify({ query: '{ user(handle: "nobody") { id } }' });
  const headers = { 'content-type': 'application/json' };
  await until('the gateway reads', async () => {
    const response = await fetch(graphqlUrl, { method: 'POST', headers, body });
    const { errors } = (await response.json()) as { errors?: unknown };
    return errors === undefined;
  });
}

/** Waits until a write can reach a feed: readiness tells of each process alone. */
async function untilFlowing(queryUrl: string): Promise<void> {
  let text = '';
  const isFlowing = async () => {
    const response = await fetch(`${queryUrl}/health/flow`);
    text = await response.text();
    return response.ok;
  };
  await until('writes reach the feeds', isFlowing).catch((error: Error) => {
    throw new Error(`${error.message}: ${text}`, { cause: error });
  });
}

type Ports = Readonly<Record<ProcessName, number>>;

async function freePorts(): Promise<Ports> {
  const ports = {} as Record<ProcessName, number>;
  for (const name of processNames) ports[name] = await freePort();
  return ports;
}

const urlsAt = (ports: Ports) =>
  Object.fromEntries(processNames.map((name) => [name, `http://127.0.0.1:${ports[name]}`])) as Record<
    ProcessName,
    string
  >;

async function signUp(graphqlUrl: string, handle = `u_${randomBytes(6).toString('hex')}`): Promise<Account> {
  const password = `${handle} secret`;
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token user { id } } }';
  const answer = await postGraphql<{
    data?: { signUp?: { token: string; user: { id: string } } };
    errors?: unknown;
  }>(graphqlUrl, { query, variables: { input: { handle, name: handle, password } } });
  const made = answer.data?.signUp;
  if (made === undefined || made === null) throw new Error(`signUp failed: ${JSON.stringify(answer.errors)}`);
  return { id: made.user.id, handle, password, token: made.token };
}
