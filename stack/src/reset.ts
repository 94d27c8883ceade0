import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandLine } from '@rookery/command-line';
import { dataDir, display, downloadsDir } from './layout.ts';
import { lockHolder } from './lock.ts';
import { postgresDataDir } from './servers/postgres.ts';
import { complain } from './start/console.ts';
import { awaitLeftovers } from './start/run-files.ts';

/** `npm run reset`: removes the data of `npm start` in DATA_DIR and nothing else. Downloaded servers stay. */

/** All files that `npm start` creates. DATA_DIR may contain other files as well. */
const ours = [
  ...['postgres', 'nats', 'redis', 'registry', 'logs', 'run', 'state.json', 'env.json', 'demo.json', 'lock'],
  ...['token-key.pem', 'internal-key.pem', 'registry-key.pem', 'registry-keys.jwks'],
];

const usage = `npm run reset

Removes the data of npm start in DATA_DIR and nothing else. Downloaded servers stay.
Exit codes: 0 removed, 1 npm start runs on the folder or a file could not be removed, 2 wrong arguments.`;

const reset = async (): Promise<number> => {
  const dir = dataDir();
  const holder = lockHolder(join(dir, 'lock'));
  if (holder !== undefined) {
    complain(`runs on ${dir} now (process ${holder}): stop it first`);
    return 1;
  }
  try {
    await awaitLeftovers(dir);
    const elsewhere = postgresDataDir(join(dir, 'postgres'));
    for (const path of [elsewhere, ...ours.map((name) => join(dir, name))])
      rmSync(path, { recursive: true, force: true });
    if (existsSync(dir) && dir !== join(downloadsDir, '..') && readdirSync(dir).length === 0)
      rmSync(dir, { recursive: true });
    console.log(`rookery: the data in ${display(dir)} has been removed; the next start creates it again`);
  } catch (error) {
    complain(error);
    return 1;
  }
  return 0;
};

process.exitCode = await runCommandLine({ name: 'reset', usage, options: {}, run: reset });
