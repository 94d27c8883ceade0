import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from './layout.ts';

/** `npm run check`: all static checks. Every step runs, so that one run shows all problems. */
const node = process.execPath;
const modules = (path: string) => join(cloneDir, 'node_modules', path);

const steps: readonly { name: string; args: readonly string[] }[] = [
  { name: 'format and lint', args: [modules('@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '.'] },
  { name: 'types', args: [modules('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
  {
    name: 'unused files, exports and dependencies',
    args: [modules('knip/bin/knip.js'), '--treat-config-hints-as-errors'],
  },
  {
    name: 'generated code is in step with the schema',
    args: ['schema/src/cli/main.ts', 'generate', '--check'],
  },
  { name: 'manifests', args: ['deploy/src/main.ts'] },
  { name: 'boundaries', args: ['stack/src/boundaries/main.ts'] },
  { name: 'documents', args: ['stack/src/docs/main.ts'] },
  { name: 'prose', args: ['stack/src/prose/main.ts'] },
  { name: 'names', args: ['stack/src/names/main.ts'] },
  { name: 'dashboards, alerts and runbooks', args: ['deploy/observability/src/main.ts', 'check'] },
  { name: 'schema', args: ['schema/src/cli/main.ts', 'check', ...process.argv.slice(2)] },
];

const failed = steps.filter(({ name, args }) => {
  console.log(`\ncheck: ${name}`);
  const program = args[0] ?? '';
  if (!existsSync(join(cloneDir, program)) && !existsSync(program)) {
    console.error(`${program} is missing`);
    return true;
  }
  return spawnSync(node, args, { cwd: cloneDir, stdio: 'inherit' }).status !== 0;
});

console.log(
  failed.length === 0
    ? '\ncheck: all is well'
    : `\ncheck: failed: ${failed.map(({ name }) => name).join(', ')}`,
);
process.exit(failed.length === 0 ? 0 : 1);
