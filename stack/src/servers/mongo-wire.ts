import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { spawnChild } from '../children/guarded-child.ts';
import { runTool } from '../children/run-tool.ts';
import { whenReady } from '../children/when-ready.ts';
import { cloneDir, downloadsDir } from '../layout.ts';
import { waitForLock } from '../lock.ts';
import { onPath } from './binary.ts';
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
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go', 'gate.go'])
    hash.update(readFileSync(join(source, file)));
  const path = join(downloadsDir, `mongo-wire-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(path)) return { kind: 'ferretdb', path };
  const go = onPath('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync);
  if (go === undefined) return undefined;
  mkdirSync(downloadsDir, { recursive: true });
  using _lock = await waitForLock(`${path}.lock`);
  if (existsSync(path)) return { kind: 'ferretdb', path };
  say('building FerretDB with Go, once');
  const draft = `${path}.new`;
  try {
    await runTool(go, ['build', '-trimpath', '-tags', 'ferretdb_no_sqlite', '-o', draft, '.'], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  } catch (error) {
    say(`FerretDB does not build here: ${(error as Error).message}`);
    return undefined;
  }
  renameSync(draft, path);
  return { kind: 'ferretdb', path };
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
