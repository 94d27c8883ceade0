import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommandLine } from '@rookery/command-line';
import { dataDir } from './layout.ts';
import { LockedError, takeLock } from './lock.ts';
import { followCatchUp } from './start/catch-up.ts';
import { complain, say } from './start/console.ts';
import { type DemoUser, demoCredentials, loadDemo, logInDemoUser } from './start/demo.ts';
import { System } from './start/system.ts';
import { welcome } from './start/welcome.ts';

/** `npm start`: runs the whole platform on this machine until a signal. */

/** Number of attempts to load the demo network or to log in to it. */
const demoTries = 3;

const usage = `npm start

Runs Postgres, NATS, Redis and the five processes of Rookery on this machine, with a demo network, until a signal.
Settings come from the environment: docs/reference/settings.md. DATA_DIR keeps data, secrets and logs.
Exit codes: 0 stopped, 1 could not start, 2 wrong arguments.`;

let isStart = false;
const exitCode = await runCommandLine({
  name: 'start',
  usage,
  options: {},
  run() {
    isStart = true;
    return 0;
  },
});
if (!isStart) process.exit(exitCode);

const dir = dataDir();
const system = new System(dir);
const stopped = new AbortController();
let stopping: Promise<void> | undefined;

/** A child that `stop` does not reach in time is ended by its watcher once this process is gone. */
function end(code: number): Promise<void> {
  stopped.abort();
  stopping ??= Promise.race([system.stop(), delay(9500)])
    .catch(complain)
    .then(() => process.exit(code));
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping === undefined) say('stopping');
    void end(0);
  });
}

try {
  makeDataDir();
  const lock = takeLock(join(dir, 'lock'));
  process.on('exit', () => lock.release());
  const addresses = await system.start();
  // Beside the demo: what it waits for may be at the end of a backlog.
  const caughtUp = followCatchUp(addresses.flow, say, stopped.signal);
  const user = await demoUser(addresses.gateway);
  if (stopping === undefined) {
    say('ready');
    console.log(welcome(addresses, dir, user, { graphiql: process.env.NODE_ENV !== 'production' }));
    await caughtUp;
  }
} catch (error) {
  if (stopping === undefined) {
    complain(
      error instanceof LockedError
        ? `already runs on ${dir} (process ${error.pid}): stop it first, or set DATA_DIR and GATEWAY_PORT for another one`
        : error,
    );
  }
  await end(1);
}

/**
 * Creates a folder and its missing parents one by one: the recursive mkdirSync of Node 24 never returns for a path
 * below /proc.
 */
function makeDir(path: string): void {
  if (existsSync(path)) return;
  makeDir(dirname(path));
  mkdirSync(path);
}

/** @throws Error that names the setting */
function makeDataDir(): void {
  try {
    makeDir(dir);
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw new Error(`DATA_DIR can't be written: ${dir} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/**
 * Returns the demo user, or undefined after some attempts: the system is useful without the demo, and the
 * next start tries again. Each attempt resumes the previous one, because every command of the demo has an
 * idempotency key.
 */
async function demoUser(gatewayUrl: string): Promise<DemoUser | undefined> {
  for (let tries = 1; tries <= demoTries && stopping === undefined; tries++) {
    try {
      const credentials = demoCredentials(dir);
      if (credentials !== undefined) return await logInDemoUser(credentials, gatewayUrl);
      say('loading the demo network, once');
      return await loadDemo(dir, gatewayUrl);
    } catch (error) {
      if (stopping === undefined) complain(error);
      await delay(1_000);
    }
  }
  return undefined;
}
