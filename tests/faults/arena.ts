import { type ProcessName, processNames } from '@rookery/stack';
import {
  type FaultProxy,
  type FreshServer,
  freshNats,
  freshPostgres,
  freshRedis,
  type System,
  signalTree,
  startFaultProxy,
  startSystem,
} from '../support/index.ts';
import { inspectable } from '../support/memory.ts';

/** Every link of the system, `from-to`; each is a TCP proxy. */
export const linkNames = [
  'client-gateway',
  'gateway-mutation',
  'gateway-query',
  'gateway-redis',
  'mutation-queue',
  'mutation-store',
  'mutation-documents',
  'recorder-queue',
  'recorder-store',
  'projector-queue',
  'projector-store',
  'projector-documents',
  'projector-redis',
  'query-queue',
  'query-documents',
  'query-redis',
] as const;
export type LinkName = (typeof linkNames)[number];

const serverNames = ['queue', 'store', 'documents', 'redis'] as const;
export type ServerName = (typeof serverNames)[number];

/** Second servers, each switched on by one address. */
export const fallbacks = {
  queue2: 'NATS_REDUNDANT_URL',
  store2: 'EVENT_STORE_BACKUP_URL',
  documents2: 'DOCUMENTS_STANDBY_URL',
  redis2: 'REDIS_STANDBY_URL',
} as const;
export type FallbackName = keyof typeof fallbacks;

export interface ArenaOptions {
  /** Second servers to start. */
  readonly with?: readonly FallbackName[];
  /** Environment of all processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders on a disk of their own for the data of the queue and of the event store. */
  readonly queueHome?: string;
  readonly storeHome?: string;
}

/** A whole system with a proxy on every link, and servers of its own that can be killed and frozen. */
export interface Arena extends AsyncDisposable {
  readonly system: System;
  readonly links: Readonly<Record<LinkName, FaultProxy>>;
  readonly servers: Readonly<Record<ServerName, FreshServer>>;
  /** The second servers that were asked for, each behind one proxy for all processes. */
  readonly seconds: Readonly<
    Partial<Record<FallbackName, { readonly server: FreshServer; readonly link: FaultProxy }>>
  >;
  /** Addresses of the harness itself, which bypass all proxies. */
  readonly urls: {
    readonly store: string;
    readonly documents: string;
    readonly redis: string;
    readonly queue: string;
  };
  /** The gateway as clients reach it. */
  readonly gatewayUrl: string;
  /** All links to a server, or from a process. */
  linksTo(server: ServerName | ProcessName): FaultProxy[];
  linksFrom(process: ProcessName): FaultProxy[];
  /** Environment by which a process of this kind finds everything through its proxies. */
  envOf(name: ProcessName): Readonly<Record<string, string>>;
  start(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  restart(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends every fault: links pass, what is frozen goes on, what is dead is started. */
  heal(): Promise<void>;
  /** Processes that were found dead though nobody had killed them, with their last words. */
  readonly died: readonly string[];
  /** Processes that were restarted since the last call of `mark`. */
  readonly restarted: Set<string>;
}

const ports: Readonly<Record<ServerName, (urls: Arena['urls']) => string>> = {
  queue: ({ queue }) => queue,
  store: ({ store }) => store,
  documents: ({ documents }) => documents,
  redis: ({ redis }) => redis,
};

const startSecond: Readonly<Record<FallbackName, () => Promise<FreshServer>>> = {
  queue2: () => freshNats(),
  store2: () => freshPostgres(),
  documents2: () => freshPostgres(),
  redis2: () => freshRedis(),
};

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export const startArena = async (options: ArenaOptions = {}): Promise<Arena> => {
  await using undo = new AsyncDisposableStack();
  const [store, documents] = await Promise.all([
    freshPostgres(options.storeHome === undefined ? {} : { home: options.storeHome }),
    freshPostgres(),
  ]);
  undo.use(store);
  undo.use(documents);
  const started = undo.use(
    await startSystem({
      processes: [],
      postgresUrl: store.url,
      documentsUrl: documents.url,
      ...(options.queueHome === undefined ? {} : { natsHome: options.queueHome }),
      // An answer waits this long for its own write to be projected. The rows allow 2 s for the whole answer.
      // A backlog of a few hundred events counts as long here, so that faults also hit its way around the queue.
      env: {
        LOG_LEVEL: 'info',
        READ_AFTER_TIMEOUT: '1500',
        CATCH_UP_FROM: '300',
        ...inspectable,
        ...options.env,
      },
    }),
  );
  const [killed, died]: [Set<ProcessName>, string[]] = [new Set(), []];
  const system: System = {
    ...started,
    async kill(name, signal = 'SIGKILL') {
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') killed.add(name);
      await started.kill(name, signal);
    },
  };
  const servers = { queue: system.servers.nats, store, documents, redis: system.servers.redis };
  const urls = {
    store: system.servers.database.url,
    documents: documents.url,
    redis: servers.redis.url,
    queue: servers.queue.url,
  };
  const links = {} as Record<LinkName, FaultProxy>;
  for (const name of linkNames) {
    const to = name.split('-')[1] ?? '';
    const target = Object.hasOwn(ports, to) ? ports[to as ServerName](urls) : system.urls[to as ProcessName];
    const { hostname, port } = new URL(target);
    links[name] = undo.use(await startFaultProxy({ host: hostname, port: Number(port) }));
  }
  const seconds: Partial<Record<FallbackName, { server: FreshServer; link: FaultProxy }>> = {};
  for (const name of options.with ?? []) {
    const server = undo.use(await startSecond[name]());
    const { hostname, port } = new URL(server.url);
    seconds[name] = { server, link: undo.use(await startFaultProxy({ host: hostname, port: Number(port) })) };
  }
  const secondEnv = Object.fromEntries(
    Object.entries(seconds).map(([name, { server, link }]) => [
      fallbacks[name as FallbackName],
      link.through(server.url),
    ]),
  );
  const through = (from: ProcessName, to: ServerName): string | undefined =>
    (links as Partial<Record<string, FaultProxy>>)[`${from}-${to}`]?.through(urls[to]);
  const envOf = (name: ProcessName): Record<string, string> => {
    const env: Record<string, string | undefined> = {
      NATS_URL: through(name, 'queue'),
      POSTGRES_URL: through(name, 'store'),
      DOCUMENTS_URL: through(name, 'documents'),
      REDIS_URL: through(name, 'redis'),
      ...(name === 'gateway'
        ? {
            MUTATION_URL: links['gateway-mutation'].through(system.urls.mutation),
            QUERY_URL: links['gateway-query'].through(system.urls.query),
          }
        : {}),
    };
    return Object.fromEntries(
      Object.entries({ ...env, ...secondEnv }).flatMap(([key, value]) => (value ? [[key, value]] : [])),
    );
  };
  const restarted = new Set<string>();
  const start: Arena['start'] = async (name, env) => {
    restarted.add(name);
    killed.delete(name);
    try {
      await system.start(name, { ...envOf(name), ...env });
    } catch (error) {
      // Its log is deleted with the system.
      const log = system.log(name).trim().split('\n').slice(-12).join('\n');
      throw new Error(`${name} did not start:\n${log}`, { cause: error });
    }
  };

  const heal = async (): Promise<void> => {
    for (const name of linkNames) links[name].set({ kind: 'pass' });
    for (const { server, link } of Object.values(seconds)) {
      link.set({ kind: 'pass' });
      if (exists(server.pid)) server.signal('SIGCONT');
      else await server.restart();
    }
    for (const name of processNames) {
      const pid = system.pid(name);
      if (pid !== undefined) signalTree(pid, 'SIGCONT');
    }
    for (const name of serverNames) {
      const server = servers[name];
      if (exists(server.pid)) server.signal('SIGCONT');
      else {
        restarted.add(name);
        await server.restart();
      }
    }
    const dead = processNames.filter((name) => system.pid(name) === undefined);
    for (const name of dead)
      if (!killed.has(name))
        died.push(`${name} died by itself:\n${system.log(name).trim().split('\n').slice(-5).join('\n')}`);
    await Promise.all(dead.map((name) => start(name)));
  };

  await Promise.all(processNames.map((name) => start(name)));
  restarted.clear();
  const resources = undo.move();
  return {
    system,
    links,
    servers,
    seconds,
    urls,
    gatewayUrl: links['client-gateway'].through(system.gatewayUrl),
    linksTo: (to) => linkNames.filter((name) => name.endsWith(`-${to}`)).map((name) => links[name]),
    linksFrom: (from) => linkNames.filter((name) => name.startsWith(`${from}-`)).map((name) => links[name]),
    envOf,
    start,
    async restart(name, env) {
      await system.kill(name);
      await start(name, env);
    },
    heal,
    died,
    restarted,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
