import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sharedSystem } from '../support/index.ts';
import { loadDemo } from '../support/load-demo.ts';
import { patternOf, tourOf } from '../support/tour.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'docs/tutorial.md'];
const steps = pages.flatMap((page) =>
  tourOf(readFileSync(`${root}/${page}`, 'utf8')).map((step) => ({ ...step, page })),
);
const mark = '--- end of step ---';

/** Pastes the steps into one shell, and returns the output of each. */
const paste = async (env: NodeJS.ProcessEnv): Promise<{ outputs: string[]; complaints: string }> => {
  const script = steps.map((step) => `${step.script}\necho '${mark}'\n`).join('');
  const shell = spawn('bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  return { outputs: stdout.split(`${mark}\n`).map((output) => output.trimEnd()), complaints };
};

// A whole demo network and some forty processes that ask: long on a machine that is busy with other tests.
test('the commands of README and tutorial print what the pages say', { timeout: 400_000 }, async () => {
  expect(steps.length).toBeGreaterThan(8);
  const system = await sharedSystem();
  await loadDemo(system);
  const { outputs, complaints } = await paste({
    ...process.env,
    ...system.env,
    ROOKERY: system.gatewayUrl,
    TOKEN: '',
  });
  expect(complaints).toBe('');
  for (const [i, { page, line, output }] of steps.entries()) {
    expect(outputs[i], `${page}, line ${line}`).toMatch(patternOf(output));
  }
});
