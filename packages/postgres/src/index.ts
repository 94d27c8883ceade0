import { type Credential, Credentials, withCredential } from '@rookery/runtime';
import pg from 'pg';

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

/** @param address postgres://…, with `?credentials-file=/path` if the credentials are in a file */
export const postgresAt = (address: string): PostgresServer => {
  const credentials = new Credentials(address);
  const Client = clientClass(credentials);
  return {
    openPool: (config) => new RotatingPool(credentials, Client, config),
    connect: (config, signal) =>
      credentials.connectWithAny(async () => {
        signal?.throwIfAborted();
        const client = new Client(config);
        // Without a listener, a connection that breaks would end the process.
        client.on('error', () => {});
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
      }, isRefused),
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

/** A client that picks its credential when it is made, and reports it if the server refuses it. */
const clientClass = (credentials: Credentials): (new (config?: pg.ClientConfig) => pg.Client) =>
  class extends pg.Client {
    readonly #credential: Credential | undefined;
    readonly #unreadable: Error | undefined;

    constructor(config?: pg.ClientConfig) {
      let credential: Credential | undefined;
      let unreadable: Error | undefined;
      try {
        credential = credentials.pick();
      } catch (error) {
        // A pool makes clients in timers: what is thrown here would end the process.
        unreadable = error instanceof Error ? error : new Error(String(error));
      }
      super({ ...config, connectionString: withCredential(credentials.url, credential) });
      this.#credential = credential;
      this.#unreadable = unreadable;
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
      try {
        return await super.connect();
      } catch (error) {
        if (isRefused(error)) credentials.refuse(this.#credential);
        throw error;
      }
    }
  };

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** A pool that tries the next credential if the server refuses one; its `query` connects by `connect`, too. */
class RotatingPool extends pg.Pool {
  readonly #credentials: Credentials;

  constructor(
    credentials: Credentials,
    Client: new (config?: pg.ClientConfig) => pg.Client,
    config: pg.PoolConfig,
  ) {
    super({ ...config, Client });
    this.#credentials = credentials;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    // Without a file there is nothing to choose from.
    if (this.#credentials.file === undefined) {
      if (callback === undefined) return super.connect();
      super.connect(callback);
      return undefined;
    }
    const connected = this.#credentials.connectWithAny(async () => super.connect(), isRefused);
    if (callback === undefined) return connected;
    connected.then(
      (client) => callback(undefined, client, (release) => client.release(release)),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }
}
