import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { parseCLI, startVitest } from 'vitest/node';
import type { Servers } from './support/servers/servers.ts';

const usage = `npm test -- [path…] [-t NAME] [vitest options]
npm run test:long -- [path…] [-t NAME] [vitest options]

Runs the tests on real servers that it starts: the short tier, or the long one. Files and folders that are named run in any tier.
  -t NAME  only tests whose full name matches this pattern
Other options go to vitest: --bail 1, --sequence.shuffle, --project unit. docs/reference/testing.md describes the tiers.
Exit codes: 0 every test passed, 1 at least one failed, or none ran.`;

/**
 * `npm test`: one vitest run over everything that does not take minutes, with vitest's own arguments passed on, and
 * a plain closing line. Files that are named are run whatever they take.
 */
const given = process.argv.slice(2);
if (given.some((argument) => ['--help', '-h'].includes(argument))) {
  console.log(usage);
  process.exit(0);
}
const { filter, options } = parseCLI(['vitest', 'run', ...given]);
// Properties are part of the other projects too, and would be tried twice.
if (options.project === undefined)
  options.project = ['unit', 'servers', ...(filter.length === 0 ? [] : ['long', 'kubernetes'])];
const vitest = await startVitest(filter, {
  ...options,
  watch: false,
  root: cloneDir,
  config: join(cloneDir, 'vitest.config.ts'),
});
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
const count = (state: string) => tests.filter((test) => test.result().state === state).length;
// A file that failed outside its tests, by an error in a hook or at load, is a failure too.
const broken = modules.filter(
  (module) =>
    !module.ok() && ![...module.children.allTests()].some((test) => test.result().state === 'failed'),
);
const failed = count('failed') + broken.length + vitest.state.getUnhandledErrors().length;
const [passed, skipped] = [count('passed'), count('skipped')];
const mongoMissing = vitest.projects.some((project) => {
  const { servers } = project.getProvidedContext() as { servers?: Servers };
  return servers !== undefined && servers.mongoUrl === undefined;
});
await vitest.close();

if (mongoMissing) console.log('mongodb: not tested here');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || passed === 0 ? 1 : Number(process.exitCode ?? 0));
