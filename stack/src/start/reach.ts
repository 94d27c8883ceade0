import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Settings with the address of a server that `npm start` uses instead of starting its own, and its default port. */
const given = { POSTGRES_URL: 5432, NATS_URL: 4222, REDIS_URL: 6379, DOCUMENTS_URL: 5432 } as const;
/** Default ports of other schemes that DOCUMENTS_URL may have. */
const portOf: Readonly<Record<string, number>> = { 'mongodb:': 27_017 };

/** Longest wait for a server that was named, in milliseconds: it may be starting beside us. */
const waitMs = 10_000;
const retryEveryMs = 250;

/**
 * Resolves once every server that the environment names accepts connections.
 * @throws Error with a line for each that did not within 10 s, naming its setting
 */
export async function reachGivenServers(env: NodeJS.ProcessEnv, timeoutMs = waitMs): Promise<void> {
  const outcomes = await Promise.all(
    Object.entries(given).map(async ([name, defaultPort]) => {
      const text = env[name];
      if (!text) return [];
      const reason = await reach(text, defaultPort, performance.now() + timeoutMs);
      return reason === undefined ? [] : [`${name} can't be reached: ${reason}`];
    }),
  );
  const failed = outcomes.flat();
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

/** Returns why none of the hosts accepted a connection; undefined if one did. */
async function reach(text: string, defaultPort: number, until: number): Promise<string | undefined> {
  // Several hosts stand in one address, comma separated (a replica set, a cluster of NATS servers).
  const { protocol, hosts } = hostsOf(text, defaultPort);
  if (protocol === 'mongodb+srv:') return undefined; // by DNS, which its driver looks up
  for (;;) {
    const reasons = await Promise.all(hosts.map(({ host, port }) => tryConnect(host, port)));
    if (reasons.includes(undefined)) return undefined;
    if (performance.now() > until) return reasons.join(', ');
    await delay(retryEveryMs);
  }
}

function hostsOf(text: string, defaultPort: number) {
  const [, protocol = '', authority = ''] = /^([a-z+]+:)\/\/([^/?]*)/.exec(text) ?? [];
  const hosts = authority
    .replace(/^.*@/, '')
    .split(',')
    // NATS lists whole addresses: nats://a:4222,nats://b:4222.
    .map((part) => part.replace(/^.*\/\//, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const { hostname, port } = new URL(`tcp://${part}`);
      return {
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port) || (portOf[protocol] ?? defaultPort),
      };
    });
  return { protocol, hosts };
}

function tryConnect(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, timeout: 2_000 });
  const end = (reason?: string) => {
    socket.destroy();
    resolve(reason === undefined ? undefined : `${host}:${port} ${reason}`);
  };
  socket.once('connect', () => end());
  socket.once('timeout', () => end('does not answer'));
  socket.once('error', (error: NodeJS.ErrnoException) =>
    end(error.code === 'ECONNREFUSED' ? 'refuses connections' : `(${error.code ?? error.message})`),
  );
  return promise;
}
