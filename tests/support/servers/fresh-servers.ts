import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  copyAsStandby,
  findPostgres,
  freePort,
  postgresDataDir,
  type Server,
  startNats,
  startPostgres,
  startRedis,
} from '@rookery/stack';
import { hold } from '../live-resources.ts';
import { signalTree } from '../process-tree.ts';
import { useServers } from './servers.ts';

/** A private server that a test may kill and bring back: same address, same data. */
export interface FreshServer extends AsyncDisposable {
  readonly url: string;
  /** Pid of the current process. */
  readonly pid: number;
  /** Resolves when the process is gone (SIGKILL by default); not for SIGSTOP and SIGCONT. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it if it runs, and starts it again on its port and data. */
  restart(): Promise<void>;
  /** For good; the data goes too. */
  stop(): Promise<void>;
}

/**
 * Starts a JetStream server for the caller.
 * @param persist sync each message if the server can; off by default
 */
export const freshNats = ({
  syncAlways = false,
  home,
}: {
  syncAlways?: boolean;
  home?: string;
} = {}): Promise<FreshServer> =>
  fresh(
    'nats',
    async (dir) => {
      const [port, monitorPort] = [await freePort(), await freePort()];
      return () =>
        startNats({ binary: useServers().nats, dir, port, monitorPort, syncAlways, logFile: `${dir}.log` });
    },
    home,
  );

/** Three JetStream servers that keep copies of each other's streams (QUEUE_REPLICAS=3), each for itself. */
export const freshNatsNodes = async (): Promise<readonly FreshServer[]> => {
  const names = ['one', 'two', 'three'];
  const clusterPorts = new Map<string, number>();
  for (const name of names) clusterPorts.set(name, await freePort());
  return Promise.all(
    names.map((serverName) => {
      const own = clusterPorts.get(serverName) ?? 0;
      const ports = [own, ...[...clusterPorts.values()].filter((port) => port !== own)];
      return fresh('nats', async (dir) => {
        const [port, monitorPort] = [await freePort(), await freePort()];
        const cluster = { serverName, ports };
        return () =>
          startNats({ binary: useServers().nats, dir, port, monitorPort, cluster, logFile: `${dir}.log` });
      });
    }),
  );
};

/** A Postgres of your own, which keeps over a SIGKILL whatever it has committed. Its URL's database is `postgres`. */
export const freshPostgres = async ({
  home,
  sharedBuffersMiB,
}: {
  home?: string;
  sharedBuffersMiB?: number;
} = {}): Promise<FreshServer> => {
  const more = sharedBuffersMiB === undefined ? {} : { sharedBuffersMiB };
  const binary = await findPostgres();
  const password = randomBytes(18).toString('base64url');
  return fresh(
    'postgres',
    async (dir) => {
      const port = await freePort();
      return () => startPostgres({ binary, dir, port, password, logFile: `${dir}.log`, ...more });
    },
    home,
    removePostgresData,
  );
};

/** A standby that follows this Postgres by streaming replication, as `name` in synchronous_standby_names. */
export const freshPostgresStandby = async (
  { url: primaryUrl }: FreshServer,
  name: string,
): Promise<FreshServer> => {
  const binary = await findPostgres();
  const password = decodeURIComponent(new URL(primaryUrl).password);
  return fresh(
    'postgres',
    async (dir) => {
      await copyAsStandby({ binary, dir, primaryUrl, name });
      const port = await freePort();
      return () => startPostgres({ binary, dir, port, password, logFile: `${dir}.log` });
    },
    undefined,
    removePostgresData,
  );
};

const removePostgresData = (dir: string): void =>
  rmSync(postgresDataDir(dir), { recursive: true, force: true });

/** A Redis of your own. persist: keep an append-only file, so that a restart keeps the data; off by default. */
export const freshRedis = ({ persist = false } = {}): Promise<FreshServer> =>
  fresh('redis', async (dir) => {
    const port = await freePort();
    return () => startRedis({ binary: useServers().redis, dir, port, persist, logFile: `${dir}.log` });
  });

/** A node of a Redis Cluster that has no slots yet; see freshRedisCluster. */
export const freshRedisNode = (): Promise<FreshServer> =>
  fresh('redis', async (dir) => {
    const port = await freePort();
    const cluster = { busPort: await freePort(), timeoutMs: 2_000 };
    return () =>
      startRedis({ binary: useServers().redis, dir, port, persist: false, cluster, logFile: `${dir}.log` });
  });

type Start = () => Promise<Server>;

/** place: the folder in which the server gets one of its own; default the run's scratch folder. */
async function fresh(
  name: string,
  prepare: (dir: string) => Promise<Start>,
  place = useServers().dir,
  clean: (dir: string) => void = () => {},
): Promise<FreshServer> {
  const home = mkdtempSync(join(place, `${name}-`));
  chmodSync(home, 0o755); // Postgres may run as another user
  let start = await prepare(join(home, name));
  let server: Server;
  try {
    server = await start();
  } catch {
    // Somebody took the port between the choice and the start.
    start = await prepare(join(home, name));
    server = await start();
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    // Its own processes too, as when a machine dies: one of Postgres that was left would hold up the next start.
    signalTree(server.pid, signal);
    await server.exited;
  };
  const stop = hold(`${name} ${server.pid}`, async () => {
    await kill();
    clean(join(home, name));
    rmSync(home, { recursive: true, force: true });
  });
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    kill,
    signal: (signal) => signalTree(server.pid, signal),
    async restart() {
      await kill();
      server = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
