import { ConfigError, type Credential, Credentials, type Logger, watchFiles } from '@rookery/runtime';
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { messageOf } from './errors.ts';
import { atMost, timeoutsMs } from './timeouts.ts';

/** The databases of one MongoDB, reached with the credentials that are valid now. */
export interface MongoConnection {
  /** The database of the address; `rookery` if it names none. Ask for it again for each call. */
  readonly database: Db;
  /** Works over a connection of its own, whose calls take as long as they need while the server is up. */
  withPatientClient<R>(action: (database: Db) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** After a new client took over, the last one stays open for calls that are under way. */
const retireAfterMs = timeoutsMs.call + timeoutsMs.answer;
/** Error code of MongoDB for credentials that are wrong. */
const authenticationFailed = 18;
const isRefused = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === authenticationFailed;

/** Milliseconds. */
interface Limits {
  readonly connect: number;
  /** Maximum wait for an answer; 0: none. */
  readonly socket: number;
  /** Maximum wait of a write for the majority. */
  readonly write: number;
}

const callLimits: Limits = {
  connect: timeoutsMs.connect,
  socket: timeoutsMs.call + timeoutsMs.answer,
  write: timeoutsMs.call,
};
/**
 * The time of work on a whole collection depends on its size, so it has no limit. The driver ends it nevertheless if the server is down: it asks the
 * server every 10 s over a connection of its own, and waits for the answer as long as for a connection.
 */
const patientLimits: Limits = {
  connect: timeoutsMs.maintenanceConnect,
  socket: 0,
  write: timeoutsMs.maintenance,
};

/** @throws ConfigError */
const createClient = (
  url: string,
  credential: Credential | undefined,
  { limits, replica }: { readonly limits: Limits; readonly replica: boolean },
): MongoClient => {
  const { user = '', password = '' } = credential ?? {};
  try {
    return new MongoClient(url, {
      ...(credential === undefined ? {} : { auth: { username: user, password } }),
      appName: 'rookery documents',
      maxPoolSize: 16,
      serverSelectionTimeoutMS: limits.connect,
      connectTimeoutMS: limits.connect,
      waitQueueTimeoutMS: limits.connect,
      socketTimeoutMS: limits.socket,
      // The caller decides about retries; a hidden second attempt would double the wait.
      retryReads: false,
      retryWrites: false,
      // Acknowledged writes survive the loss of a server and are visible to the next read.
      writeConcern: { w: 'majority', wtimeoutMS: limits.write },
      readPreference: replica ? 'secondaryPreferred' : 'primary',
      ignoreUndefined: true,
    });
  } catch (error) {
    throw new ConfigError(`the address of the documents is not a valid MongoDB address: ${messageOf(error)}`);
  }
};

/**
 * Opens a MongoDB. Its client keeps the credentials that it was made with, so a new client takes over if their file
 * changes, once the server has accepted it.
 * @param address mongodb://…, with `credentials-file=/path` among its options if the credentials are in a file
 */
export const openMongoConnection = (
  address: string,
  log: Logger,
  { replica }: { readonly replica: boolean },
): MongoConnection => {
  const credentials = new Credentials(address);
  const { url } = credentials;
  const databaseOf = (of: MongoClient): Db =>
    of.db(/^[a-z+]+:\/\/[^/]+\/[^?]/.test(url) ? undefined : 'rookery');
  const open = (credential: Credential | undefined, limits: Limits): MongoClient => {
    const opened = createClient(url, credential, { limits, replica });
    opened.on('error', (error) => log.warn({ error }, 'documents: lost a connection'));
    return opened;
  };
  /** Opens a client that the server has accepted. */
  const openAccepted = (limits: Limits): Promise<MongoClient> =>
    credentials.connectWithAny(async () => {
      const credential = credentials.pick();
      const opened = open(credential, limits);
      try {
        await databaseOf(opened).command({ ping: 1 });
        return opened;
      } catch (error) {
        await atMost(timeoutsMs.connect, opened.close());
        if (isRefused(error)) credentials.refuse(credential);
        throw error;
      }
    }, isRefused);

  let closed = false;
  let client = open(credentials.pick(), callLimits);
  const watch =
    credentials.file === undefined
      ? undefined
      : watchFiles({
          files: [credentials.file],
          onChange: async () => {
            const replaced = client;
            const accepted = await openAccepted(callLimits);
            if (closed) return await accepted.close();
            client = accepted;
            setTimeout(() => void replaced.close().catch(() => {}), retireAfterMs).unref();
            log.info('connected to the documents with new credentials');
          },
          onError: (error) =>
            log.warn({ error }, 'the documents refuse the new credentials; the last connections stay'),
        });
  return {
    get database() {
      return databaseOf(client);
    },
    async withPatientClient(action) {
      const patient = await openAccepted(patientLimits);
      try {
        return await action(databaseOf(patient));
      } finally {
        await atMost(timeoutsMs.connect, patient.close());
      }
    },
    close: async () => {
      closed = true;
      watch?.[Symbol.dispose]();
      await atMost(timeoutsMs.connect, client.close());
    },
  };
};
