import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDocuments } from '@rookery/document-store';
import { createLog } from '@rookery/runtime';
import {
  ensureDatabase,
  findMongoWire,
  findNats,
  findPostgres,
  findRedis,
  postgresDataDir,
  type Server,
  startMongoWire,
  startPostgres,
} from '@rookery/stack';
import { eventually } from '../eventually.ts';
import { type FreshDatabase, freshDatabase } from './fresh-database.ts';
import type { Servers } from './servers.ts';

/**
 * Starts the servers that a whole run shares: Postgres, and a MongoDB wire server if available. NATS and
 * Redis are located here and started by each file: that takes 25 ms, and their streams and keys have fixed
 * names. Uses POSTGRES_URL and DOCUMENTS_URL=mongodb://… if given.
 */
export async function startSharedServers(
  say: (line: string) => void,
): Promise<{ readonly servers: Servers; stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-test-'));
  chmodSync(dir, 0o755); // Postgres may run as another user
  const running: Server[] = [];
  let template: FreshDatabase | undefined;
  const tearDown = async () => {
    await template?.drop();
    for (const server of running.reverse()) await server.stop();
    rmSync(postgresDataDir(join(dir, 'postgres')), { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const [postgres, nats, redis, mongo] = await Promise.all([
      process.env.POSTGRES_URL === undefined ? findPostgres() : undefined,
      findNats(say),
      findRedis(say),
      process.env.DOCUMENTS_URL?.startsWith('mongodb') ? undefined : findMongoWire(say),
    ]);
    let postgresUrl = process.env.POSTGRES_URL ?? '';
    if (postgres !== undefined) {
      const server = await startPostgres({
        binary: postgres,
        dir: join(dir, 'postgres'),
        password: randomBytes(18).toString('base64url'),
        logFile: join(dir, 'postgres.log'),
        maxConnections: 400,
        durable: false,
      });
      running.push(server);
      postgresUrl = server.url;
    }
    let mongoUrl = process.env.DOCUMENTS_URL?.startsWith('mongodb') ? process.env.DOCUMENTS_URL : undefined;
    if (mongo !== undefined) {
      const server = await startMongoWire({
        binary: mongo,
        dir: join(dir, 'mongo'),
        postgresUrl:
          mongo.kind === 'ferretdb'
            ? await ensureDatabase(postgresUrl, `mongo_wire_${randomBytes(6).toString('hex')}`)
            : '',
        logFile: join(dir, 'mongo.log'),
      });
      running.push(server);
      mongoUrl = server.url;
    }
    template = await prepareDocuments(postgresUrl);
    mkdirSync(join(dir, 'files'));
    const servers = {
      postgresUrl,
      documentsTemplate: template.name,
      mongoUrl,
      nats,
      redis,
      dir: join(dir, 'files'),
    };
    return { servers, stop: tearDown };
  } catch (error) {
    await tearDown();
    throw error;
  }
}

/** Prepares documents in a new database. */
const prepareDocuments = async (postgresUrl: string): Promise<FreshDatabase> => {
  const database = await freshDatabase(postgresUrl);
  const documents = await openDocuments(database.url, { log: createLog('test', 'silent') });
  try {
    // A busy machine may not answer in the time that a store has.
    await eventually(() => documents.prepare().then(() => true), { what: 'prepared documents' });
  } finally {
    await documents.close();
  }
  return database;
};
