import { setTimeout as setTimeoutCallback } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { jittered, type Logger, watchFiles } from '@rookery/runtime';
import { QueueDisconnectedError } from './errors.ts';
import { NatsAddress } from './nats-address.ts';

/** A live connection and the clients built on it. */
export interface QueueClients {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
}

export interface QueueConnectionOptions {
  /** One address or several of one cluster, see `NatsAddress`. */
  readonly url: string;
  /** Maximum wait for an answer. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/**
 * Delay between attempts to connect, from 100 to 500, so that a returning server is not hit by all clients at once.
 */
const reconnectDelayMs = () => jittered(300, 2 / 3);
/** A server that misses pings for twice this time is considered down. */
const pingIntervalMs = 2_000;
const connectTimeoutMs = 2_000;

/** After a new connection took over, the last one stays open for the acknowledgements of its deliveries. */
const retireAfterMs = 15_000;

const connectionOptions: NodeConnectionOptions = {
  name: 'rookery',
  timeout: connectTimeoutMs,
  maxReconnectAttempts: -1,
  reconnectDelayHandler: reconnectDelayMs,
  ignoreAuthErrorAbort: true,
  pingInterval: pingIntervalMs,
  maxPingOut: 2,
  // The client would create two errors with a stack for each request, in case it fails.
  noAsyncTraces: true,
};

/**
 * The connection to NATS, which reconnects in the background until it is closed. Requests fail at once while
 * it is down, so that nothing piles up in memory. If its credentials change, a new connection takes over before
 * the last one ends.
 */
export class QueueConnection {
  readonly #options: QueueConnectionOptions;
  readonly #closing = new AbortController();
  readonly #address: NatsAddress;
  readonly #watchedCredentials: Disposable | undefined;
  readonly #listeners = new Set<(up: boolean) => void>();
  readonly #replacedListeners = new Set<() => void>();
  readonly #retired = new Map<NatsConnection, NodeJS.Timeout>();
  #clients: QueueClients | undefined;
  #up = false;

  constructor(options: QueueConnectionOptions) {
    this.#options = options;
    this.#address = new NatsAddress(options.url);
    const { log } = options;
    const { credentialsFile } = this.#address;
    this.#watchedCredentials =
      credentialsFile === undefined
        ? undefined
        : watchFiles({
            files: [credentialsFile],
            onChange: () => this.#replace(),
            onError: (error) =>
              log.warn(
                { error },
                'failed to connect to the queue with new credentials; the last connection stays',
              ),
          });
    void this.#connect();
  }

  get up(): boolean {
    return this.#up;
  }

  /** @throws QueueDisconnectedError */
  get clients(): QueueClients {
    if (!this.#clients || !this.#up) throw new QueueDisconnectedError('not connected to the queue');
    return this.#clients;
  }

  /** Reports each change between connected and disconnected. Returns a function that stops this. */
  onChange(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls back after a new connection took the place of one that still works for a while. Returns a function that
   * stops this.
   */
  onReplaced(listener: () => void): () => void {
    this.#replacedListeners.add(listener);
    return () => this.#replacedListeners.delete(listener);
  }

  /**
   * Waits for the connection.
   * @throws QueueDisconnectedError after this many milliseconds
   */
  async connected(within: number): Promise<QueueClients> {
    if (!this.#up) {
      const change = new AbortController();
      const forget = this.onChange(() => change.abort());
      await setTimeout(within, undefined, { signal: change.signal }).catch(() => {});
      forget();
    }
    return this.clients;
  }

  async #connect(): Promise<void> {
    const { log } = this.#options;
    for (let tries = 1; !this.#closing.signal.aborted; tries++) {
      try {
        const clients = await this.#open();
        if (this.#closing.signal.aborted) return await clients.nc.close();
        this.#clients = clients;
        log.info({ version: clients.nc.info?.version }, 'connected to the queue');
        this.#change(true);
        return await this.#watch(clients.nc);
      } catch (error) {
        if (tries === 1) log.warn({ error }, 'the queue is down; trying again');
        await this.#pause(reconnectDelayMs());
      }
    }
  }

  async #open(): Promise<QueueClients> {
    const { timeoutMs } = this.#options;
    try {
      const nc = await connect({ ...connectionOptions, ...this.#address.options });
      return {
        nc,
        js: jetstream(nc, { timeout: timeoutMs }),
        jsm: await jetstreamManager(nc, { timeout: timeoutMs, checkAPI: false }),
      };
    } catch (error) {
      if (error instanceof errors.AuthorizationError) this.#address.refused();
      throw error;
    }
  }

  /** Connects with the new credentials first, so that no call finds the queue disconnected. */
  async #replace(): Promise<void> {
    // A connection that is down reads the credentials when it comes back.
    const replaced = this.#clients?.nc;
    if (!this.#up || replaced === undefined) return;
    const clients = await this.#reopen();
    if (clients === undefined) return;
    if (this.#closing.signal.aborted) return await clients.nc.close();
    this.#clients = clients;
    this.#retired.set(
      replaced,
      setTimeoutCallback(() => {
        this.#retired.delete(replaced);
        replaced.close().catch(() => {});
      }, retireAfterMs).unref(),
    );
    this.#options.log.info('connected to the queue with new credentials');
    this.#change(true);
    for (const listener of this.#replacedListeners) listener();
    void this.#watch(clients.nc);
  }

  /** Returns undefined if the last connection went down meanwhile: it reads the credentials when it comes back. */
  async #reopen(): Promise<QueueClients | undefined> {
    for (let tries = 1; this.#up && !this.#closing.signal.aborted; tries++) {
      try {
        return await this.#open();
      } catch (error) {
        // The server may learn of the credentials later than this process.
        const level = tries === this.#address.tries ? 'warn' : 'debug';
        this.#options.log[level](
          { error },
          'the queue refuses the new credentials; the last connection stays',
        );
        await this.#pause(tries < this.#address.tries ? 0 : 1_000);
      }
    }
    return undefined;
  }

  async #watch(nc: NatsConnection): Promise<void> {
    const { log } = this.#options;
    for await (const status of nc.status()) {
      if (this.#clients?.nc !== nc) return;
      if (status.type === 'disconnect') {
        log.warn('the connection to the queue broke');
        this.#change(false);
      } else if (status.type === 'reconnect') {
        log.info({ version: nc.info?.version }, 'connected to the queue again');
        this.#change(true);
      } else if (status.type === 'error') {
        if (status.error instanceof errors.AuthorizationError) this.#address.refused();
        log.warn({ error: status.error }, 'the queue reports an error');
      }
    }
    if (this.#clients?.nc !== nc) return;
    this.#change(false);
    // The client gives up only if it cannot continue (which should never happen): start over.
    if (!this.#closing.signal.aborted) {
      log.error({ error: await nc.closed() }, 'the connection to the queue was closed');
      await this.#pause(reconnectDelayMs());
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
    this.#watchedCredentials?.[Symbol.dispose]();
    for (const [retired, timer] of this.#retired) {
      clearTimeout(timer);
      await retired.close().catch(() => {});
    }
    const nc = this.#clients?.nc;
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
