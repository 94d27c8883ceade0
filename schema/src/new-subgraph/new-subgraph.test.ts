import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, UsageError } from '@rookery/command-line';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownRoot, readSubgraphFiles } from '../compose/subgraph-files.ts';
import { subgraphWords } from './names.ts';
import { type NewSubgraph, writeNewSubgraph } from './new-subgraph.ts';
import { writeFiles } from './write-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'rookery-new-subgraph-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const own = readSubgraphFiles();
const write = (given: NewSubgraph) => writeNewSubgraph(own, given);

test.each<[name: string, type: string | undefined, words: string[]]>([
  ['notes', undefined, ['Note', 'note', 'notes']],
  ['book-reviews', undefined, ['BookReview', 'bookReview', 'bookReviews']],
  ['replies', undefined, ['Reply', 'reply', 'replies']],
  ['boxes', undefined, ['Box', 'box', 'boxes']],
  ['search', undefined, ['Search', 'search', 'searches']],
  ['status', undefined, ['Status', 'status', 'statuses']],
  ['movies', 'Movie', ['Movie', 'movie', 'movies']],
  ['a-', undefined, ['A', 'a', 'as']],
  ['class', undefined, ['Class', 'class', 'classes']],
])('%s has the type %s', (name, type, [typeName, one, several]) => {
  expect(subgraphWords(name, type)).toEqual({ subgraph: name, type: typeName, one, several });
});

describe('nothing is written', () => {
  const nowhere = join(dir, 'nothing');
  test.each<[what: string, given: Partial<NewSubgraph>, words: RegExp]>([
    ['with a path as a name', { name: '../notes' }, /^NAME must have/],
    ['without a name', { name: '' }, /^NAME must have/],
    ['with a capital', { name: 'Notes' }, /^NAME must have/],
    ['with a long name', { name: 'n'.repeat(64) }, /^NAME must have at most 63/],
    ['with a type that is no name', { type: 'a b' }, /^--type must be a name/],
    ['with a subgraph that is there', { name: 'query' }, /^there is a subgraph called query already$/],
    [
      'with a type of Rookery',
      { name: 'posts' },
      /^the code has another Post: choose another name with --type$/,
    ],
    ['with a type that another subgraph has', { name: 'activities' }, /does not compose with the others/],
    ['with a type of TypeScript', { name: 'promises' }, /^the code has another Promise/],
    ['with a field that posts have', { name: 'replies' }, /does not compose with the others.*Post.replies/],
  ])('%s', (_what, given, words) => {
    const failed = () => write({ name: 'notes', folder: nowhere, ...given });
    expect(failed).toThrow(UsageError);
    expect(failed).toThrow(words);
    expect(readdirSync(dir)).not.toContain('nothing');
  });

  test('in a folder that is not empty, or is none', () => {
    const used = join(dir, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'file'), 'mine');
    for (const folder of [used, join(used, 'file')])
      expect(() => write({ name: 'notes', folder }), folder).toThrow(InputError);
    expect(() => writeFiles(join(used, 'file', 'below'), new Map([['x', 'x']]))).toThrow(InputError);
    expect(() => writeFiles(used, new Map([['file', 'x']]))).toThrow(InputError);
    expect(readFileSync(join(used, 'file'), 'utf8')).toBe('mine');
    expect(readdirSync(used)).toEqual(['file']);
  });
});

describe('a new subgraph', () => {
  const folder = join(dir, 'subgraph');
  const modules = join(folder, 'node_modules');
  const run = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };
  const passed = { status: 0, output: expect.anything() };

  beforeAll(() => {
    mkdirSync(join(folder, '.git'), { recursive: true });
    write({ name: 'class-notes', folder });
    // The packages of the template, except that the one that verifies tokens is the packed one.
    mkdirSync(join(modules, '@rookery/subgraph-auth'), { recursive: true });
    const installed = join(ownRoot, 'schema/subgraph-template/node_modules');
    for (const name of readdirSync(installed).filter((each) => !['@rookery', '.bin'].includes(each)))
      symlinkSync(join(installed, name), join(modules, name));
    const [packed = ''] = readdirSync(join(folder, 'vendor'));
    const target = join(modules, '@rookery/subgraph-auth');
    expect(run('tar', '-xzf', join('vendor', packed), '--strip-components=1', '-C', target)).toEqual(passed);
  }, 120_000);

  test('has names of its own, exact versions, and packages that npm can install', () => {
    const text = readFileSync(join(folder, 'src/resolvers.ts'), 'utf8');
    expect(text).toContain('addClassNote(');
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(manifest.name).toBe('class-notes');
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    for (const version of versions) expect(version).toMatch(/^(\d+\.\d+\.\d+|file:vendor\/\S+\.tgz)$/);
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (!/node_modules|vendor|\.git\b/.test(path)) expect(path).not.toMatch(/sample/i);
  });

  test('has types that are in step, and passes its own tests, as many as the tutorial says', {
    timeout: 120_000,
  }, () => {
    expect(run(process.execPath, join(ownRoot, 'node_modules/typescript/bin/tsc'))).toEqual(passed);
    expect(run(process.execPath, 'codegen.ts', '--check')).toEqual(passed);
    const tested = run(process.execPath, '--test', 'test/*.test.ts');
    expect(tested).toEqual(passed);
    const [, count] = /^\S+ pass (\d+)$/m.exec(tested.output) ?? [];
    const tutorial = readFileSync(join(ownRoot, 'docs/tutorial/first-subgraph.md'), 'utf8');
    expect(/^… pass (\d+)$/m.exec(tutorial)?.[1]).toBe(count);
  });
});
