import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  answersPing,
  type Child,
  cloneDir,
  ensureDatabase,
  findPostgres,
  freePort,
  type ProcessName,
  postgresDataDir,
  processes,
  processNames,
  processReady,
  spawnChild,
  startPostgres,
  whenReady,
} from '@rookery/stack';
import { hold } from '../support/live-resources.ts';
import { useServers } from '../support/servers/servers.ts';
import { serviceOf } from './compose-file.ts';

const run = promisify(execFile);

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The services of compose.yaml without containers: each command with its environment and volumes, on this machine. The
 * names of services become ports on loopback, volumes become folders, and documents are in Postgres instead of MongoDB.
 */
export interface ComposeSystem extends AsyncDisposable {
  readonly gatewayUrl: string;
  readonly metricsUrls: Readonly<Record<ProcessName, string>>;
  /** Returns the path on this machine of a path in a container. */
  path(inContainer: string): string;
  /** Runs a service's entrypoint with other words, as `docker compose run --rm <service> …` does. */
  run(
    service: 'keys' | 'ops',
    words: readonly string[],
    env?: Record<string, string>,
  ): Promise<CommandResult>;
  /** Runs the health check of a service of ours. */
  checkHealth(name: ProcessName): Promise<CommandResult>;
  log(name: ProcessName): string;
  stop(name: ProcessName): Promise<void>;
  /** Returns the environment of a service's container. */
  env(service: string): NodeJS.ProcessEnv;
  /** Makes a database on the same server. Returns its address. */
  createDatabase(name: string): Promise<string>;
  readonly postgres: { readonly port: number };
  readonly redis: { readonly port: number };
  readonly nats: { readonly child: Child; readonly monitorUrl: string };
}

/** Folders that volumes of compose.yaml are mounted on. */
const volumes =
  /\/(keys|gateway-keys|audit-heads|backups|database-password|redis-users|nats-users|mongo-password)(?=\/|$)/g;

export const startCompose = async (own: Readonly<Record<string, string>> = {}): Promise<ComposeSystem> => {
  const root = mkdtempSync(join(useServers().dir, 'compose-'));
  chmodSync(root, 0o755); // Postgres may run as another user
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(root, { recursive: true, force: true }));
  const path = (text: string): string => text.replace(volumes, (found) => join(root, found));

  const ports: Record<string, number> = {};
  for (const address of ['postgres:5432', 'nats:4222', 'nats:8222', 'redis:6379'])
    ports[address] = await freePort();
  for (const name of processNames) {
    ports[`${name}:${processes[name].port}`] = await freePort();
    ports[`${name}:${processes[name].metricsPort}`] = await freePort();
  }
  const portOf = (address: string): number => ports[address] ?? 0;
  const local = (text: string): string =>
    path(
      text.replace(/\b[a-z]+:\d{4}\b/g, (found) => (found in ports ? `127.0.0.1:${ports[found]}` : found)),
    );

  /** Returns the environment of a container, as docker compose makes it; settings of the operator are in `own`. */
  const environmentOf = (service: string): NodeJS.ProcessEnv => {
    const given = Object.entries(serviceOf(service).environment).flatMap(([name, value]) =>
      value === null ? (name in own ? [[name, own[name]]] : []) : [[name, local(value)]],
    );
    const moved = processNames.flatMap((name) => [
      [processes[name].portName, String(portOf(`${name}:${processes[name].port}`))],
      [processes[name].metricsPortName, String(portOf(`${name}:${processes[name].metricsPort}`))],
    ]);
    return {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...Object.fromEntries([...given, ...moved]),
      HOST: '127.0.0.1',
      METRICS_HOST: '127.0.0.1',
      // There is no MongoDB here.
      DOCUMENTS_URL: local('postgres://rookery@postgres:5432/rookery?credentials-file=/keys/postgres'),
    };
  };
  const runWords = async (words: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandResult> => {
    const [, ...args] = words;
    return run(process.execPath, args, { cwd: cloneDir, env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: CommandResult) => ({ code, stdout, stderr }),
    );
  };

  // The service `keys`; its folder is the root of a container.
  const keys = await runWords(['node', ...(serviceOf('keys').command ?? []), root], {});
  if (keys.code !== 0) throw new Error(keys.stderr);

  const logFile = (name: string) => join(root, `${name}.log`);
  const children: Child[] = [];
  undo.defer(async () => {
    await Promise.all(children.map((child) => child.stop('SIGKILL')));
  });
  const spawn = async (name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child = await spawnChild({ name, command, args, env, cwd: cloneDir, logFile: logFile(name) });
    children.push(child);
    return child;
  };

  const password = readFileSync(path('/database-password/password'), 'utf8');
  const postgresDir = join(root, 'postgres');
  undo.defer(() => rmSync(postgresDataDir(postgresDir), { recursive: true, force: true }));
  const postgres = await startPostgres({
    binary: await findPostgres(),
    dir: postgresDir,
    port: portOf('postgres:5432'),
    password,
    logFile: logFile('postgres'),
    durable: false,
  });
  undo.defer(async () => void (await postgres.stop()));
  // As the image does by POSTGRES_DB.
  await ensureDatabase(postgres.url, 'rookery');

  const { redis, nats } = useServers();
  const [, ...redisArgs] = serviceOf('redis').command ?? [];
  mkdirSync(join(root, 'redis'));
  const redisPort = portOf('redis:6379');
  const redisChild = await spawn(
    'redis',
    redis.path,
    [
      ...redisArgs.map(path),
      '--bind',
      '127.0.0.1',
      '--port',
      String(redisPort),
      '--dir',
      join(root, 'redis'),
    ],
    { ...process.env, ...redis.env },
  );
  await whenReady(redisChild, () => answersPing(redisPort), { logFile: logFile('redis') });

  const natsDir = join(root, 'nats');
  mkdirSync(natsDir);
  const monitorUrl = `http://127.0.0.1:${portOf('nats:8222')}`;
  writeFileSync(
    join(natsDir, 'nats.conf'),
    readFileSync(join(cloneDir, 'deploy/nats.conf'), 'utf8')
      .replace('port: 4222', `host: 127.0.0.1\nport: ${portOf('nats:4222')}`)
      .replace('http: 8222', `http: "127.0.0.1:${portOf('nats:8222')}"`)
      .replace('/data', join(natsDir, 'data'))
      // NATS 2.9, which this machine may have, does not know it.
      .replace(/^\s*sync_interval: always$/m, '')
      // Mount path of the volume.
      .replace('./users/users.conf', '../nats-users/users.conf'),
  );
  const natsChild = await spawn('nats', nats.path, ['-c', join(natsDir, 'nats.conf')], {
    ...process.env,
    ...nats.env,
  });
  await whenReady(natsChild, async () => (await fetch(`${monitorUrl}/healthz`)).ok, {
    logFile: logFile('nats'),
  });

  const running = new Map<ProcessName, Child>();
  await Promise.all(
    processNames.map(async (name) => {
      const child = await spawn(name, process.execPath, serviceOf(name).command ?? [], environmentOf(name));
      running.set(name, child);
      await processReady(child, portOf(`${name}:${processes[name].port}`), logFile(name));
    }),
  );

  const resources = undo.move();
  const stop = hold('compose system', () => resources.disposeAsync());
  return {
    gatewayUrl: `http://127.0.0.1:${portOf('gateway:4000')}`,
    metricsUrls: Object.fromEntries(
      processNames.map((name) => [
        name,
        `http://127.0.0.1:${portOf(`${name}:${processes[name].metricsPort}`)}`,
      ]),
    ) as Record<ProcessName, string>,
    path,
    run: async (service, words, env = {}) => {
      const { entrypoint = ['node'] } = serviceOf(service);
      const args = words.map(path);
      return service === 'keys'
        ? runWords([...entrypoint, ...args, root], {})
        : runWords([...entrypoint, ...args], { ...environmentOf(service), ...env });
    },
    checkHealth: (name) => {
      const [, ...words] = serviceOf(name).healthcheck.test ?? [];
      const port = processes[name].port;
      return runWords(
        words.map((word) => (word === String(port) ? String(portOf(`${name}:${port}`)) : word)),
        environmentOf(name),
      );
    },
    log: (name) => readFileSync(logFile(name), 'utf8'),
    stop: async (name) => void (await running.get(name)?.stop('SIGTERM', 10_000)),
    env: environmentOf,
    createDatabase: async (name) => {
      await ensureDatabase(postgres.url, name);
      return local(`postgres://rookery@postgres:5432/${name}?credentials-file=/keys/postgres`);
    },
    postgres: { port: portOf('postgres:5432') },
    redis: { port: redisPort },
    nats: { child: natsChild, monitorUrl },
    [Symbol.asyncDispose]: stop,
  };
};
