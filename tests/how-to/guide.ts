import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { blocksOf, tourOf } from '../support/tour.ts';

const page = readFileSync(join(cloneDir, 'docs/how-to/add-a-subgraph.md'), 'utf8');
const blocks = blocksOf(page);

/** The block whose info string ends with this name. */
const block = (name: string): string => {
  const found = blocks.filter(({ info }) => info.split(' ')[1] === name);
  if (found.length !== 1) throw new Error(`the guide has ${found.length} blocks called ${name}`);
  return found[0]?.text ?? '';
};

export const steps = tourOf(page);
const addressInGuide = 'http://127.0.0.1:4005/graphql';
const mark = '--- end of step ---';

/** The folder that somebody has who has followed the guide up to its last file. */
export interface Scratch extends Disposable {
  readonly dir: string;
  /** Runs one of the guide's commands in the checkout of Rookery, with the address of the subgraph. */
  command(name: 'compose' | 'check', subgraphUrl: string): Promise<CommandResult>;
  /** The gateway's environment, with another address of the subgraph. */
  gatewayEnv(subgraphUrl: string): Record<string, string>;
  /** Starts the guide's server and waits until it says that it serves. */
  serve(variant: Variant, env: { readonly PORT: string; readonly GATEWAY_KEYS_URL: string }): Promise<Served>;
  /** Pastes the steps of the tour into one shell. */
  tour(env: NodeJS.ProcessEnv): Promise<{ readonly outputs: readonly string[]; readonly complaints: string }>;
}

export type Served = AsyncDisposable & { readonly output: () => string };

interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The two ways in which the guide verifies tokens. */
export const variants = ['gateway-token.mjs', 'gateway-token-by-hand.mjs'] as const;
type Variant = (typeof variants)[number];

const shell = async (script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<CommandResult> => {
  const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await closed) as [number | null];
  return { code, stdout, stderr };
};

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

/** Follows the guide in a folder of its own, with packages that an `npm install` would bring. */
export const followGuide = (): Scratch => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-guide-'));
  for (const { info, text } of blocks) {
    const [, name = ''] = info.split(' ');
    if (/\.(mjs|graphql)$/.test(name)) writeFileSync(join(dir, name), `${text}\n`);
  }
  symlinkSync(join(cloneDir, 'tests/node_modules'), join(dir, 'node_modules'));
  const inScratch = (script: string) =>
    script
      .replaceAll('../reviews/', `${dir}/`)
      .replaceAll('supergraph.graphql', join(dir, 'supergraph.graphql'));
  const withPackage = readFileSync(join(dir, variants[0]), 'utf8');
  return {
    dir,
    command: (name, subgraphUrl) =>
      shell(inScratch(block(name)).replace(addressInGuide, subgraphUrl), cloneDir, {
        ...process.env,
        NPM_CONFIG_UPDATE_NOTIFIER: 'false',
      }),
    gatewayEnv: (subgraphUrl) =>
      Object.fromEntries(
        inScratch(block('gateway.env'))
          .replace(addressInGuide, subgraphUrl)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    serve: async (variant, env) => {
      if (variant === variants[0]) writeFileSync(join(dir, variants[0]), withPackage);
      else copyFileSync(join(dir, variant), join(dir, variants[0]));
      const child = spawn(process.execPath, ['server.mjs'], {
        cwd: dir,
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const serving = new Promise<void>((resolve, reject) => {
        const note = (data: Buffer) => {
          output += data;
          if (output.includes('reviews are served')) resolve();
        };
        child.stdout.on('data', note);
        child.stderr.on('data', note);
        child.once('exit', () => reject(new Error(`the guide's server has ended:\n${output}`)));
      });
      await serving;
      return { output: () => output, [Symbol.asyncDispose]: () => stopped(child) };
    },
    tour: async (env) => {
      const script = steps.map((step) => `${step.script}\necho '${mark}'\n`).join('');
      const { stdout, stderr } = await shell(script, dir, env);
      return { outputs: stdout.split(`${mark}\n`).map((output) => output.trimEnd()), complaints: stderr };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
};
