import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { expect } from 'vitest';
import { patternOf, tourOf } from './tour.ts';
import { quickHelpers } from './tour-helpers.ts';

const pages = ['README.md', 'docs/tutorial.md'];
const steps = pages.flatMap((page) =>
  tourOf(readFileSync(join(cloneDir, page), 'utf8')).map((step) => ({ ...step, page })),
);
const mark = '--- end of step ---';

/** Steps that use the helpers of the tutorial in any case: those of README, their definition, a query and a sign-up. */
const alwaysOwn = 5;

/** Pastes the steps into one shell, and returns the output of each. `helpers` redefine those of the tutorial. */
const paste = async (
  env: NodeJS.ProcessEnv,
  helpers: string,
): Promise<{ outputs: string[]; complaints: string }> => {
  const script = steps
    .map((step, i) => `${i === alwaysOwn ? helpers : ''}\n${step.script}\necho '${mark}'\n`)
    .join('');
  const shell = spawn('bash', ['-c', script], { cwd: cloneDir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, complaints] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  return { outputs: stdout.split(`${mark}\n`).map((output) => output.trimEnd()), complaints };
};

/**
 * Checks that the commands of README and tutorial print what the pages say, on a system with the demo network.
 * @param env that of the shell, whose operator commands work on this system
 * @param helpers `own`: `ask` and `pick` as the tutorial defines them, which start a Node for each of 200 calls. `quick`: the
 * same in the process of the test, after the first steps
 */
export const checkTour = async (
  gatewayUrl: string,
  env: NodeJS.ProcessEnv,
  helpers: 'own' | 'quick',
): Promise<void> => {
  expect(steps.length).toBeGreaterThan(8);
  await using quick = await quickHelpers(`${gatewayUrl}/graphql`);
  const { outputs, complaints } = await paste(
    { ...env, ROOKERY: gatewayUrl, TOKEN: '' },
    helpers === 'quick' ? quick.definitions : '',
  );
  expect(complaints).toBe('');
  for (const [i, { page, line, output }] of steps.entries()) {
    expect(outputs[i], `${page}, line ${line}`).toMatch(patternOf(output));
  }
  if (helpers === 'quick') expect(quick.calls()).toBeGreaterThan(100);
};
