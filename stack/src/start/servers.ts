import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Supervised, supervise } from '../children/supervise.ts';
import type { SystemSettings } from '../processes.ts';
import { ensureDatabase } from '../servers/ensure-database.ts';
import { findNats, startNats } from '../servers/nats.ts';
import { findPostgres, startPostgres } from '../servers/postgres.ts';
import { findRedis, startRedis } from '../servers/redis.ts';
import type { Server } from '../servers/server.ts';
import type { State } from '../state.ts';
import { say } from './console.ts';
import { noteRunning } from './run-files.ts';

/**
 * Starts each server whose address is not in the environment, and keeps it running. Each one is in `started`
 * at once, so that it can be stopped if another one fails.
 */
export async function startServers(
  dir: string,
  state: State,
  started: Supervised[],
): Promise<SystemSettings['servers']> {
  const { env } = process;
  const port = (name: string) => state.ports[name] ?? 0;

  const keep = async (name: string, version: string, start: () => Promise<Server>): Promise<string> => {
    const first = await start();
    const onStart = (server: Server) => noteRunning(dir, name, server.pid);
    onStart(first);
    started.push(supervise({ name, first, start, say, onStart }));
    say(`${name} ${version} at ${new URL(first.url).host}`);
    return first.url;
  };

  const postgres = async () => {
    const binary = await findPostgres();
    const url = await keep('postgres', binary.version.join('.'), () =>
      startPostgres({
        binary,
        dir: join(dir, 'postgres'),
        port: port('postgres'),
        password: state.secrets.postgres,
        logFile: logFile(dir, 'postgres'),
      }),
    );
    return ensureDatabase(url, 'rookery');
  };
  const nats = async () => {
    const binary = await findNats(say);
    return keep('nats', binary.version.join('.'), () =>
      startNats({
        binary,
        dir: join(dir, 'nats'),
        port: port('nats'),
        monitorPort: port('natsMonitor'),
        logFile: logFile(dir, 'nats'),
        endWhenSick: true,
      }),
    );
  };
  const redis = async () => {
    const binary = await findRedis(say);
    return keep('redis', binary.version.join('.'), () =>
      startRedis({
        binary,
        dir: join(dir, 'redis'),
        port: port('redis'),
        logFile: logFile(dir, 'redis'),
        // Feeds are filled again from the documents; a Redis that returns without its last second would look
        // complete.
        persist: false,
      }),
    );
  };

  const [postgresUrl, natsUrl, redisUrl] = await Promise.all([
    env.POSTGRES_URL || postgres(),
    env.NATS_URL || nats(),
    env.REDIS_URL || redis(),
  ]);
  return {
    postgres: postgresUrl,
    nats: natsUrl,
    redis: redisUrl,
    documents: env.DOCUMENTS_URL || postgresUrl,
  };
}

/** Returns the log file of one part. An old one of more than 16 MB is renamed. */
export function logFile(dir: string, name: string): string {
  const file = join(dir, 'logs', `${name}.log`);
  if (existsSync(file) && statSync(file).size > 16 * 1024 * 1024) renameSync(file, `${file}.1`);
  return file;
}
