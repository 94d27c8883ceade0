import { once } from 'node:events';
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

const usage = `npm start [-- --registry] [--observe]

Runs Postgres, NATS, Redis, the five processes of Rookery and its schema registry on this machine, with a demo network, until
a signal. Settings come from the environment: docs/reference/settings.md. DATA_DIR keeps data, secrets and logs.

  --registry  the gateway serves the supergraph of the schema registry, to which Rookery's subgraphs are published
  --observe   also runs a Prometheus with the alerts, and shows a page with dashboards

Exit codes: 0 stopped, 1 could not start, 2 wrong arguments.`;

/** Limit of the whole stop in milliseconds. A child that it does not reach is ended by its watcher afterwards. */
const stopMs = 9_500;

process.exit(
  await runCommandLine({
    name: 'start',
    usage,
    options: { registry: { type: 'boolean' }, observe: { type: 'boolean' } },
    run,
  }),
);

/** Runs the system until a signal or until its start fails. Returns the exit code. */
async function run({
  registry = false,
  observe = false,
}: {
  readonly registry?: boolean | undefined;
  readonly observe?: boolean | undefined;
}): Promise<number> {
  const system = new System(dataDir(), { servesRegistry: registry, observes: observe });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) say('stopping');
      stopping.abort();
    });
  }
  const stopped = once(stopping.signal, 'abort').then(() => 0);
  const failed = start(system, stopping.signal).then(
    () => stopped,
    (error: unknown) => {
      if (!stopping.signal.aborted) complain(describe(error, system.dir));
      return 1;
    },
  );
  const exitCode = await Promise.race([stopped, failed]);
  stopping.abort();
  await Promise.race([system.stop(), delay(stopMs)]).catch(complain);
  return exitCode;
}

/** Resolves once the system runs, the welcome is printed and the projections have caught up. */
async function start(system: System, signal: AbortSignal): Promise<void> {
  const { dir } = system;
  makeDataDir(dir);
  const lock = takeLock(join(dir, 'lock'));
  process.on('exit', () => lock.release());
  const addresses = await system.start();
  // Beside the demo: what it waits for may be at the end of a backlog.
  const caughtUp = followCatchUp(addresses.flow, say, signal);
  const user = await demoUser(dir, addresses.gateway, signal);
  if (signal.aborted) return;
  say('ready');
  console.log(welcome(addresses, dir, user, { graphiql: process.env.NODE_ENV !== 'production' }));
  await caughtUp;
}

function describe(error: unknown, dir: string): unknown {
  return error instanceof LockedError
    ? `already runs on ${dir} (process ${error.pid}): stop it first, or set DATA_DIR and GATEWAY_PORT for another one`
    : error;
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
function makeDataDir(dir: string): void {
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
async function demoUser(dir: string, gatewayUrl: string, signal: AbortSignal): Promise<DemoUser | undefined> {
  for (let tries = 1; tries <= demoTries && !signal.aborted; tries++) {
    try {
      const credentials = demoCredentials(dir);
      if (credentials !== undefined) return await logInDemoUser(credentials, gatewayUrl);
      say('loading the demo network, once');
      return await loadDemo(dir, gatewayUrl);
    } catch (error) {
      if (!signal.aborted) complain(error);
      await delay(1_000);
    }
  }
  return undefined;
}
