import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Server, startNats, startRedis } from '@rookery/stack';
import { hold } from './live-resources.ts';
import { useServers } from './servers.ts';

/** A private server that a test may kill and bring back: same address, same data. */
export interface FreshServer extends AsyncDisposable {
  readonly url: string;
  /** Of the present incarnation. */
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

/** A JetStream server of your own. persist: sync each message (where the server can); off by default. */
export const freshNats = ({ syncAlways = false } = {}): Promise<FreshServer> =>
  fresh('nats', async (dir) => {
    const [port, monitorPort] = [await freePort(), await freePort()];
    return () =>
      startNats({ binary: useServers().nats, dir, port, monitorPort, syncAlways, logFile: `${dir}.log` });
  });

/** A Redis of your own. persist: keep an append-only file, so that a restart keeps the data; off by default. */
export const freshRedis = ({ persist = false } = {}): Promise<FreshServer> =>
  fresh('redis', async (dir) => {
    const port = await freePort();
    return () => startRedis({ binary: useServers().redis, dir, port, persist, logFile: `${dir}.log` });
  });

type Start = () => Promise<Server>;

async function fresh(name: string, prepare: (dir: string) => Promise<Start>): Promise<FreshServer> {
  const home = mkdtempSync(join(useServers().dir, `${name}-`));
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
    server.kill(signal);
    await server.exited;
  };
  const stop = hold(`${name} ${server.pid}`, async () => {
    await kill();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    kill,
    signal: (signal) => server.kill(signal),
    async restart() {
      await kill();
      server = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
