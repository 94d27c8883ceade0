import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../children/run-tool.ts';
import type { Binary } from './binary.ts';
import { postgresDataDir } from './postgres.ts';
import { makePrivateDir, reachablePrograms, serverUser } from './postgres-user.ts';

export interface StandbyOptions {
  readonly binary: Binary;
  /** Folder of its data, for `startPostgres`. */
  readonly dir: string;
  /** Address of the primary, with the password of a superuser. */
  readonly primaryUrl: string;
  /** Its name in `synchronous_standby_names` of the primary. */
  readonly name: string;
}

/** Copies a running Postgres (pg_basebackup): `startPostgres` starts the copy as a standby that follows it. */
export async function copyAsStandby({ binary, dir, primaryUrl, name }: StandbyOptions): Promise<void> {
  const user = serverUser();
  const home = postgresDataDir(dir);
  const data = join(home, 'data');
  const { hostname, port, username, password } = new URL(primaryUrl);
  makePrivateDir(home, user);
  rmSync(data, { recursive: true, force: true });
  const from = `host=${hostname} port=${port} user=${username} application_name=${name}`;
  await runTool(
    join(reachablePrograms(join(binary.path, '..'), user), 'bin', 'pg_basebackup'),
    ['-D', data, '-d', from, '--write-recovery-conf', '--checkpoint=fast', '--no-password'],
    {
      cwd: home,
      env: { PATH: process.env.PATH, LC_ALL: 'C', PGPASSWORD: decodeURIComponent(password) },
      user,
    },
  );
}
