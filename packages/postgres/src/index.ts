import type { EventEmitter } from 'node:events';
import { type Credential, Credentials, withCredential } from '@rookery/runtime';
import pg from 'pg';
import { Hosts } from './hosts.ts';

export { byteaArray, jsonArray, textArray, uuidArray } from './binary-arrays.ts';
export { isPostgresAddress, splitHosts } from './hosts.ts';

/**
 * A commit that waits for the synchronous standby, and so for everything before it. A primary that restarts shows commits
 * that it had not replicated yet: a promotion of the standby would lose them after somebody has acted on them.
 */
export const replicationBarrier = "select pg_logical_emit_message(true, 'rookery', 'barrier')";

/** Opens connections to one Postgres, with the credentials that are valid at that moment. */
export interface PostgresServer {
  /** Opens a pool. Each of its connections reads the credentials again, so that a password changes without a restart. */
  openPool(config: Omit<pg.PoolConfig, 'connectionString'>): pg.Pool;
  /**
   * Opens one connection, which the caller closes. If it breaks, its queries fail.
   * @throws the reason of the signal, or why there is no connection
   */
  connect(config: Omit<pg.ClientConfig, 'connectionString'>, signal?: AbortSignal): Promise<pg.Client>;
}

/** SQLSTATE invalid_password and invalid_authorization_specification. */
const refusals: ReadonlySet<string | undefined> = new Set(['28P01', '28000']);
const isRefused = (error: unknown): boolean => error instanceof pg.DatabaseError && refusals.has(error.code);
/** The host is a standby: it would refuse every write. */
class StandbyHostError extends Error {
  override readonly name = 'StandbyHostError';
}

type ClientClass = new (config?: pg.ClientConfig) => pg.Client;
/** Connects to the primary, with a credential that it accepts. */
type ConnectToPrimary = <T>(connect: () => Promise<T>) => Promise<T>;

/**
 * @param address postgres://…, with `?credentials-file=/path` if the credentials are in a file. If it has several hosts
 * (postgres://a:5432,b:5432/db), connections go to the one that is no standby, as with target_session_attrs=read-write.
 */
export const postgresAt = (address: string): PostgresServer => {
  const credentials = new Credentials(address);
  const hosts = new Hosts(credentials.url);
  const Client = clientClass(credentials, hosts);
  const connectToPrimary: ConnectToPrimary = (connect) =>
    hosts.tryEach(() => credentials.connectWithAny(connect, isRefused));
  /** The time for a connection is shared by the hosts, so that a dead one takes no more than its part. */
  const shareTimeout = <C extends pg.ClientConfig>(config: C): C =>
    config.connectionTimeoutMillis === undefined
      ? config
      : {
          ...config,
          connectionTimeoutMillis: Math.ceil(config.connectionTimeoutMillis / hosts.addresses.length),
        };
  return {
    openPool: (config) =>
      hosts.areSeveral || credentials.file !== undefined
        ? new SearchingPool(connectToPrimary, Client, shareTimeout(config))
        : new pg.Pool({ ...config, Client }),
    connect: (config, signal) =>
      connectToPrimary(async () => {
        signal?.throwIfAborted();
        const client = new Client(shareTimeout(config));
        const abort = () => cut(client);
        signal?.addEventListener('abort', abort, { once: true });
        try {
          await client.connect();
          return client;
        } catch (error) {
          cut(client);
          throw signal?.aborted ? signal.reason : error;
        } finally {
          signal?.removeEventListener('abort', abort);
        }
      }),
  };
};

/**
 * Closes a connection without waiting for the server, which may be frozen. The socket belongs to pg, whose
 * documented end() would wait for the reply of the server.
 */
export const cut = (client: pg.Client): void => {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
};

type ClientCallback = (error: Error | null, client?: pg.Client) => void;

/** A client that picks its host and its credential when it is made, and reports them if they are no good. */
const clientClass = (credentials: Credentials, hosts: Hosts): ClientClass =>
  class extends pg.Client {
    readonly #host: string;
    readonly #credential: Credential | undefined;
    readonly #unreadable: Error | undefined;

    constructor(config?: pg.ClientConfig) {
      const host = hosts.current;
      let credential: Credential | undefined;
      let unreadable: Error | undefined;
      try {
        credential = credentials.pick();
      } catch (error) {
        // A pool makes clients in timers: what is thrown here would end the process.
        unreadable = error instanceof Error ? error : new Error(String(error));
      }
      super({ ...config, connectionString: withCredential(host, credential) });
      this.#host = host;
      this.#credential = credential;
      this.#unreadable = unreadable;
      // Without a listener, a connection that breaks would end the process: a pool listens only while nobody uses it.
      this.on('error', () => {});
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: ClientCallback): void;
    override connect(callback?: ClientCallback): Promise<pg.Client> | undefined {
      const connected = this.#connect();
      if (callback === undefined) return connected;
      connected.then(
        (client) => callback(null, client),
        (error: Error) => callback(error),
      );
      return undefined;
    }

    async #connect(): Promise<pg.Client> {
      if (this.#unreadable) throw this.#unreadable;
      const isStandby = watchStandby(this);
      try {
        const client = await super.connect();
        if (hosts.areSeveral && isStandby()) {
          void this.end().catch(() => {});
          throw new StandbyHostError('the host is a standby');
        }
        return client;
      } catch (error) {
        if (isRefused(error)) credentials.refuse(this.#credential);
        // After any error: a standby may not have the database or the password yet.
        hosts.fail(this.#host);
        throw error;
      }
    }
  };

/** Returns a function that returns whether the server is a standby, which it reports while a connection is opened. */
const watchStandby = (client: pg.Client): (() => boolean) => {
  let isStandby = false;
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('parameterStatus', (message: { parameterName: string; parameterValue: string }) => {
    if (message.parameterName === 'in_hot_standby') isStandby = message.parameterValue === 'on';
  });
  return () => isStandby;
};

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** A pool that tries the next host or credential if one is no good; its `query` connects by `connect`, too. */
class SearchingPool extends pg.Pool {
  readonly #connectToPrimary: ConnectToPrimary;

  constructor(connectToPrimary: ConnectToPrimary, Client: ClientClass, config: pg.PoolConfig) {
    super({ ...config, Client });
    this.#connectToPrimary = connectToPrimary;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    const connected = this.#connectToPrimary(async () => super.connect());
    if (callback === undefined) return connected;
    connected.then(
      (client) => callback(undefined, client, (release) => client.release(release)),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }
}
