import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackage, createOutsideFolder, shopConfig, shopSdl } from './outside-folder.ts';

// The long test packs and installs it with npm.
const outside = createOutsideFolder();
const built = join(outside.dir, 'node_modules/@rookery/schema');
const run = (...args: string[]) => outside.run(process.execPath, join(built, 'rookery-schema.js'), ...args);
const manifest = () => JSON.parse(readFileSync(join(built, 'package.json'), 'utf8'));

beforeAll(() => {
  buildPackage(built);
  const installed = fileURLToPath(new URL('../node_modules', import.meta.url));
  for (const name of Object.keys(manifest().dependencies)) {
    const link = join(outside.dir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(installed, name), link);
  }
}, 120_000);
afterAll(() => outside[Symbol.dispose]());

test('has the libraries that the commands need, in exact versions, and no others', () => {
  expect(Object.keys(manifest().dependencies)).toEqual([
    '@apollo/composition',
    '@apollo/federation-internals',
    '@graphql-inspector/core',
    'graphql',
    'yaml',
    'zod',
  ]);
  for (const version of Object.values(manifest().dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('lists the commands, all but the one that needs a clone, as they are called there', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect([...stdout.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name)).toEqual([
    ...['compose', 'check', 'contract', 'docs', 'unused', 'deprecated', 'new-subgraph', 'publish'],
    ...['promote', 'rollback', 'launches', 'history', 'diff', 'approve', 'usage', 'operations', 'import'],
  ]);
  expect(stdout).toContain('`rookery-schema COMMAND --help`');
  expect(stdout).not.toContain('npm run');
});

test('writes a subgraph that fits into the graph of this version, whatever the project of the folder', () => {
  outside.write('rookery-schema.json', shopConfig);
  const taken = run('new-subgraph', 'replies');
  expect(taken.stderr).toMatch(/Post\.replies/);
  expect(taken.status).toBe(2);
  const { status, stdout, stderr } = run('new-subgraph', 'class-notes');
  expect(stdout, stderr).toContain('the type ClassNote');
  expect(status).toBe(0);
  const read = (path: string) => readFileSync(join(outside.dir, 'class-notes', path), 'utf8');
  expect(read('package.json')).not.toMatch(/catalog:|workspace:/);
  expect(read('.gitignore')).toContain('node_modules');
  // Its pipeline uses this package, too.
  expect(read('.github/workflows/subgraph.yml')).toContain('npx --yes @rookery/schema@');
  expect(read('.github/workflows/subgraph.yml')).not.toMatch(/prefix rookery|ROOKERY_REPOSITORY/);
  outside.remove('rookery-schema.json');
});

test('checks the project of its folder, and no other', () => {
  const nothing = run('check');
  expect(nothing.stderr).toMatch(
    /^schema check: there is no rookery-schema\.json in \S+: name .*--config\n$/,
  );
  expect(nothing.status).toBe(2);
  outside.write('rookery-schema.json', shopConfig);
  outside.write('shop.graphql', shopSdl);
  outside.write('.gitignore', 'node_modules\n');
  outside.commit();
  outside.write('shop.graphql', shopSdl.replace('  items: [Int]\n', ''));
  const broken = run('check', '--base', 'HEAD', '--format', 'github');
  expect(broken.stdout).toMatch(/^::error file=shop\.graphql,line=1,.*'items' was removed/m);
  expect(broken.status).toBe(1);
});
