import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type SharedSystem, useServers } from './index.ts';

const entry = fileURLToPath(new URL('../../demo/src/main.ts', import.meta.url));

const outcome = z.object({
  handle: z.string(),
  userId: z.string(),
  token: z.string(),
  users: z.number(),
  posts: z.number(),
  follows: z.number(),
  seconds: z.number(),
  newNotifications: z.number(),
  newest: z.array(z.string()),
  blocked: z.array(z.string()),
  hashtagPosts: z.number(),
  trending: z.array(z.string()),
});
export type Outcome = z.infer<typeof outcome>;

export const newDataDir = (): string => mkdtempSync(join(useServers().dir, 'demo-'));

/** Starts the demo's own command against a system. */
export const startDemo = (
  system: SharedSystem,
  dataDir: string,
  args: readonly string[] = [],
): ChildProcess =>
  spawn(process.execPath, [entry, '--json', ...args], {
    env: { ...system.env, GATEWAY_URL: system.gatewayUrl, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/**
 * Returns the output of the command when it has ended.
 * @throws with its error output if it fails
 */
export const outcomeOf = async (child: ChildProcess): Promise<Outcome & { readonly stderr: string }> => {
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    exited,
  ]);
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${stderr}`);
  return { ...outcome.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')), stderr };
};

/** Loads a demo network into a system, to its end. */
export const loadDemo = (
  system: SharedSystem,
  { dataDir = newDataDir(), args = [] }: { dataDir?: string; args?: readonly string[] } = {},
): Promise<Outcome & { readonly stderr: string }> => outcomeOf(startDemo(system, dataDir, args));
