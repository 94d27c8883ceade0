// The two commands, on any machine with Node 20 and npm: brings the packages and the pinned Node, then runs the
// command's TypeScript entry with it. No dependencies, because it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));

const entries = {
  start: 'stack/src/main.ts',
  reset: 'stack/src/reset.ts',
  test: 'tests/run.ts',
  'test:long': 'tests/run-long.ts',
  'test:kubernetes': 'tests/run-kubernetes.ts',
  'test:flaky': 'tests/flaky/main.ts',
  demo: 'demo/src/main.ts',
  ops: 'ops/src/main.ts',
  registry: 'schema/registry/src/cli.ts',
  bench: 'bench/src/main.ts',
  faults: 'tests/faults/main.ts',
  'faults:long': 'tests/faults/long.ts',
  'faults:mutants': 'tests/faults/mutants/main.ts',
  'bench:rebuild': 'bench/src/rebuild.ts',
  'bench:catch-up': 'bench/src/catch-up.ts',
  drill: 'tests/recovery/drill.ts',
  'bench:live': 'bench/src/live-subscriptions.ts',
  'bench:gateway': 'bench/src/gateway.ts',
  'bench:writes': 'bench/src/writes.ts',
  'bench:scale': 'bench/src/scale.ts',
  'bench:schema': 'bench/src/schema-check.ts',
  'bench:restore': 'bench/src/restore.ts',
  observability: 'deploy/observability/src/main.ts',
  check: 'stack/src/check.ts',
  'check:deploy': 'deploy/src/main.ts --render',
  release: 'deploy/src/release/main.ts',
  'deploy:generate': 'deploy/src/main.ts --write',
  schema: 'schema/src/cli/main.ts',
  // A command of the line above by its own name.
  'schema:check': 'schema/src/cli/main.ts check',
  'schema:compose': 'schema/src/cli/main.ts compose',
  'schema:generate': 'schema/src/cli/main.ts generate',
};

class StartError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Codes of a network that is down, as npm and pnpm print them. */
const noNetwork = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/;

/** The child that signals are passed on to. */
let child;
let stopping = false;

function forward(signal) {
  stopping = true;
  child?.kill(signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.error(`rookery: ${error.message}`);
  process.exitCode = error.exitCode;
}

async function main([command, ...args]) {
  const entry = Object.hasOwn(entries, command ?? '') ? entries[command] : undefined;
  if (entry === undefined) {
    throw new StartError(`usage: node bootstrap.mjs ${Object.keys(entries).join(' | ')} [arguments]`, 2);
  }
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new StartError(`needs Node 20 or later, and this is ${process.version}`);
  }
  await bringPackages();
  if (stopping) return 130;
  return runEntry(entry, args[0] === '--' ? args.slice(1) : args);
}

/** Installs the packages unless this lockfile is already installed on this platform. */
async function bringPackages() {
  const stampFile = join(root, 'node_modules', '.rookery-stamp');
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'));
  const stamp = `${process.platform}-${process.arch} ${createHash('sha256').update(lockfile).digest('hex')}`;
  const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
  if (isInstalled()) return;

  const unlock = await lock(join(root, '.rookery', 'install.lock'));
  try {
    if (isInstalled()) return;
    const { packageManager } = manifest();
    const start = performance.now();
    console.error('rookery: bringing the packages');
    let said = '';
    const note = (text) => {
      process.stderr.write(text);
      said = (said + text).slice(-65_536);
    };
    const { code } = await run(
      'npx',
      ['-y', packageManager, 'install', '--frozen-lockfile'],
      // CI: pnpm asks nothing. Its words go to standard error: standard output belongs to the command.
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true' }, onOutput: note },
    );
    if (stopping) return;
    if (code !== 0) {
      const [cause] = noNetwork.exec(said) ?? [];
      throw new StartError(
        cause === undefined
          ? 'could not bring the packages; pnpm says why above'
          : `could not bring the packages: the package registry can't be reached (${cause}): connect to the network and try again`,
      );
    }
    writeFileSync(stampFile, stamp);
    console.error(`rookery: packages are there after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    unlock();
  }
}

async function runEntry(line, rest) {
  const node = pinnedNode();
  const [entry, ...first] = line.split(' ');
  const args = [...first, ...rest];
  if (!existsSync(join(root, entry))) throw new StartError(`${entry} is not in this clone`);
  const { code, signal } = await run(
    node,
    ['--import', join(root, 'stack/lifeline.mjs'), join(root, entry), ...args],
    {
      cwd: root,
      // Descriptor 3 closes when this process is gone, however it went: the lifeline then ends the command.
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: {
        ...process.env,
        PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
        ROOKERY_LIFELINE: '3',
        // Lets the next start and the child processes reuse compiled code.
        NODE_COMPILE_CACHE:
          process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile'),
      },
      watchParents: true,
    },
  );
  return signal === null ? code : 128 + (constants.signals[signal] ?? 0);
}

/** The binary itself: pnpm's wrapper in .bin would leave its child behind on SIGTERM. */
function pinnedNode() {
  const platform = `${process.platform}-${process.arch}`;
  const name = Object.keys(manifest().optionalDependencies).find(
    (key) => /^node-/.test(key) && key.endsWith(platform),
  );
  if (name === undefined)
    throw new StartError(`no pinned Node for ${platform}: supported are Linux and macOS on x64 and arm64`);
  const node = join(root, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    rmSync(join(root, 'node_modules', '.rookery-stamp'), { force: true });
    throw new StartError(`${name} is not installed: try again`);
  }
  return node;
}

function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** Runs a program to its end. */
function run(program, args, { watchParents = false, onOutput, ...options }) {
  return new Promise((resolve, reject) => {
    child = spawn(program, args, options);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => onOutput?.(String(data)));
    const unwatch = watchParents ? watchNpm(() => forward('SIGTERM')) : () => {};
    child.once('error', (error) => {
      unwatch();
      reject(
        new StartError(error.code === 'ENOENT' ? `${program} not found: install npm` : String(error.message)),
      );
    });
    // The last output may come after the exit.
    child.once(onOutput ? 'close' : 'exit', (code, signal) => {
      unwatch();
      child = undefined;
      resolve({ code, signal });
    });
  });
}

/**
 * Calls `onGone` after the npm that runs this script has exited: SIGKILL gives npm no chance to signal its children.
 * The scripts in package.json use exec, so npm is the direct parent: a shell in between would absorb npm's SIGTERM.
 * Does nothing for a process started by hand, which may outlive its shell.
 */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 500);
  return () => clearInterval(timer);
}

/** `npm start` and `npm test` may come at once into a clean clone: one installs, the other waits. */
async function lock(path) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw new StartError(`can't write ${path}: ${error.message}`);
    }
    if (!isHeld(path)) rmSync(path, { force: true });
    if (stopping) return () => {};
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isHeld(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return pid === 0 || spawnSync('kill', ['-0', String(pid)]).status === 0;
  } catch {
    return false;
  }
}
