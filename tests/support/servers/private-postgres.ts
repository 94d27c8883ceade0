import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres, freePort, postgresDataDir, type Server, startPostgres } from '@rookery/stack';
import { useServers } from '../index.ts';
import { freeze } from './freeze.ts';

/** A Postgres of one's own, to be killed, frozen and brought back. */
export interface PrivatePostgres extends AsyncDisposable {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and each of its backends, as a hanging disk would. */
  freeze(): Promise<void>;
  thaw(): void;
}

export const privatePostgres = async (): Promise<PrivatePostgres> => {
  const dir = join(mkdtempSync(join(useServers().dir, 'private-')), 'postgres');
  const options = {
    binary: await findPostgres(),
    dir,
    password: randomBytes(12).toString('hex'),
    port: await freePort(),
  };
  let server: Server = await startPostgres(options);
  const backends = (): number[] =>
    readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
  const kill = async () => {
    // At once and without a checkpoint, as by kill -9, but taking its backends along: they would hold up the next start.
    server.kill('SIGQUIT');
    await server.exited;
  };
  return {
    url: server.url,
    kill,
    start: async () => {
      server = await startPostgres(options);
    },
    freeze: () => freeze(server.pid, ...backends()),
    thaw: () => {
      for (const pid of [...backends(), server.pid]) process.kill(pid, 'SIGCONT');
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      rmSync(postgresDataDir(dir), { recursive: true, force: true });
    },
  };
};
