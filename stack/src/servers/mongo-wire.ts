import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { whenReady } from '../children/when-ready.ts';
import { cloneDir } from '../layout.ts';
import { onPath } from './binary.ts';
import { buildWithGo } from './go-build.ts';
import { freePort } from './ports.ts';
import { type Server, toServer } from './server.ts';

const source = join(cloneDir, 'stack/mongo-wire');

/** A server for the wire protocol of MongoDB: `mongod`, or FerretDB on a Postgres database. */
export interface MongoWireBinary {
  readonly kind: 'mongod' | 'ferretdb';
  readonly path: string;
}

export interface MongoWireOptions {
  readonly binary: MongoWireBinary;
  readonly dir: string;
  /** URL of an empty Postgres database, in which FerretDB stores its documents. */
  readonly postgresUrl: string;
  readonly port?: number;
  readonly logFile?: string;
}

/**
 * Finds `mongod` on the PATH, or builds FerretDB with Go if available. For tests: production uses MongoDB.
 * The first build takes about a minute and is cached by the hash of its sources.
 */
export async function findMongoWire(
  say: (line: string) => void = () => {},
): Promise<MongoWireBinary | undefined> {
  const mongod = onPath('mongod');
  if (mongod !== undefined) return { kind: 'mongod', path: mongod };
  try {
    const dir = await buildWithGo({
      name: 'mongo-wire',
      source,
      packages: ['.'],
      tags: 'ferretdb_no_sqlite',
      say,
    });
    return dir === undefined ? undefined : { kind: 'ferretdb', path: join(dir, 'mongo-wire') };
  } catch (error) {
    say(`FerretDB does not build here: ${(error as Error).message}`);
    return undefined;
  }
}

/** Starts it on loopback. */
export async function startMongoWire(options: MongoWireOptions): Promise<Server> {
  const { binary, dir, postgresUrl, logFile } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const args =
    binary.kind === 'mongod'
      ? ['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dir, '--nounixsocket']
      : ['--listen', `127.0.0.1:${port}`, '--postgres', postgresUrl];
  const child = await spawnChild({ name: 'mongo-wire', command: binary.path, args, logFile, cwd: dir });
  await whenReady(child, () => accepts(port), { logFile });
  return toServer(child, `mongodb://127.0.0.1:${port}`);
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
