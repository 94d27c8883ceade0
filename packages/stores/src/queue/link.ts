import { setTimeout } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Logger } from '@rookery/service';
import { QueueDisconnected } from './errors.ts';

/** A live connection and the clients built on it. */
export interface Wire {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

export interface LinkOptions {
  /** Addresses of one cluster, comma separated. They may contain user and password. */
  readonly url: string;
  /** Maximum wait for an answer. Milliseconds. */
  readonly timeout: number;
  readonly log: Logger;
}

/**
 * Delay between attempts to connect in milliseconds, with jitter, so that a returning server is not hit by
 * all clients at once.
 */
const reconnectDelay = () => 100 + Math.random() * 400;
/** A server that misses pings for twice this time is considered down. Milliseconds. */
const pingInterval = 2_000;
const connectTimeout = 2_000;

const connectionOptions = (url: string): NodeConnectionOptions => {
  const servers = url.split(',').map((text) => new URL(text.trim()));
  const [first] = servers;
  const user = decodeURIComponent(first?.username ?? '');
  const pass = decodeURIComponent(first?.password ?? '');
  return {
    servers: servers.map((server) => server.host),
    name: 'rookery',
    timeout: connectTimeout,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: reconnectDelay,
    ignoreAuthErrorAbort: true,
    pingInterval,
    maxPingOut: 2,
    ...(first?.protocol === 'tls:' ? { tls: {} } : {}),
    ...(pass ? { user, pass } : user ? { token: user } : {}),
  };
};

/**
 * The connection to NATS, which reconnects in the background until it is closed. Requests fail at once while
 * it is down, so that nothing piles up in memory.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(up: boolean) => void>();
  #wire: Wire | undefined;
  #up = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    void this.#connect();
  }

  get up(): boolean {
    return this.#up;
  }

  /** @throws QueueDisconnected */
  get wire(): Wire {
    if (!this.#wire || !this.#up) throw new QueueDisconnected('not connected to the queue');
    return this.#wire;
  }

  /** Reports each change between connected and disconnected. Returns a function that stops this. */
  onChange(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits for the connection.
   * @throws QueueDisconnected after this many milliseconds
   */
  async connected(within: number): Promise<Wire> {
    if (!this.#up) {
      const change = new AbortController();
      const forget = this.onChange(() => change.abort());
      await setTimeout(within, undefined, { signal: change.signal }).catch(() => {});
      forget();
    }
    return this.wire;
  }

  async #connect(): Promise<void> {
    const { url, timeout, log } = this.#options;
    for (let tries = 1; !this.#closing.signal.aborted; tries++) {
      try {
        const nc = await connect(connectionOptions(url));
        if (this.#closing.signal.aborted) return await nc.close();
        const js = jetstream(nc, { timeout });
        this.#wire = { nc, js, jsm: await jetstreamManager(nc, { timeout, checkAPI: false }) };
        log.info({ version: nc.info?.version }, 'connected to the queue');
        this.#change(true);
        return await this.#watch(nc);
      } catch (error) {
        if (tries === 1) log.warn({ error }, 'the queue is down; trying again');
        await this.#pause(reconnectDelay());
      }
    }
  }

  async #watch(nc: NatsConnection): Promise<void> {
    const { log } = this.#options;
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        log.warn('the connection to the queue broke');
        this.#change(false);
      } else if (status.type === 'reconnect') {
        log.info({ version: nc.info?.version }, 'connected to the queue again');
        this.#change(true);
      } else if (status.type === 'error') log.warn({ error: status.error }, 'the queue reports an error');
    }
    this.#change(false);
    // The client gives up only if it cannot continue (which should never happen): start over.
    if (!this.#closing.signal.aborted) {
      log.error({ error: await nc.closed() }, 'the connection to the queue was closed');
      await this.#pause(reconnectDelay());
      void this.#connect();
    }
  }

  #change(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    for (const listener of this.#listeners) listener(up);
  }

  async #pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  /** Flushes pending acknowledgements, for at most a second, and closes. */
  async close(): Promise<void> {
    this.#closing.abort();
    const nc = this.#wire?.nc;
    if (!nc || nc.isClosed()) return;
    if (this.#up) {
      const sent = new AbortController();
      const late = setTimeout(1_000, undefined, { signal: sent.signal });
      await Promise.race([nc.flush(), late]).catch(() => {});
      sent.abort();
    }
    this.#change(false);
    await nc.close();
  }
}
