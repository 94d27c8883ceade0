import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = ['subgraphs/mutation/generated', 'subgraphs/query/generated'];

/** A repository with nothing but our schema in it: its first commit has none, its second has ours. */
let repo: string;
let empty: string;
let base: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
    cwd: repo,
    encoding: 'utf8',
  }).trim();

const run = (script: 'check' | 'generate', ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repo, `schema/${script}.ts`), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
};

const change = (name: string, from: string, to: string): void => {
  const path = join(repo, 'schema/graphql', `${name}.graphql`);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
};

/** Writes the file of accepted changes. */
const accept = (entries: unknown): void =>
  writeFileSync(join(repo, 'schema/accepted-changes.json'), JSON.stringify(entries));

beforeAll(() => {
  repo = mkdtempSync(join(tmpdir(), 'rookery-schema-'));
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '-m', 'empty');
  empty = git('rev-parse', 'HEAD');
  cpSync(join(root, 'schema'), join(repo, 'schema'), {
    recursive: true,
    filter: (path) => !path.endsWith('node_modules'),
  });
  for (const folder of generated) cpSync(join(root, folder), join(repo, folder), { recursive: true });
  writeFileSync(join(repo, '.gitignore'), 'node_modules\n');
  symlinkSync(join(root, 'schema/node_modules'), join(repo, 'schema/node_modules'));
  accept([]);
  git('add', '.');
  git('commit', '--quiet', '-m', 'schema');
  base = git('rev-parse', 'HEAD');
});

beforeEach(() => git('checkout', '--quiet', '.'));
afterAll(() => rmSync(repo, { recursive: true, force: true }));

// Each test runs the command a few times, in processes of its own.
describe('schema:check', { timeout: 60_000 }, () => {
  test('passes where nothing has changed, and says with what it compared', () => {
    const { status, stdout } = run('check');
    expect(stdout).toContain('base HEAD~1 (chosen by default): no schema there, so everything is new');
    expect(status).toBe(0);
    expect(run('check', '--base', base).stdout).toContain(`base ${base}: no change for clients`);
    expect(JSON.parse(run('check', '--base', empty, '--json').stdout)).toMatchObject({
      ok: true,
      comparison: 'new',
    });
  });

  test('a field that goes is breaking, one that comes is safe, an enum value that comes is dangerous', () => {
    change('query', '  bio: String\n', '  nick: String\n');
    change('query', 'enum FeedVerb {\n', 'enum FeedVerb {\n  POLL\n');
    expect(run('generate').status).toBe(0);
    const { status, stdout } = run('check', '--base', base);
    expect(stdout).toMatch(
      /breaking \(1\)\n {2}Field 'bio' was removed from object type 'User'.*dangerous \(1\)\n {2}Enum value 'POLL'.*safe \(1\)\n {2}Field 'nick'/s,
    );
    expect(status).toBe(1);
  });

  test('what only adds passes', () => {
    change('query', '  bio: String\n', '  bio: String\n  nick: String\n');
    expect(run('generate').status).toBe(0);
    const { status, stdout } = run('check', '--base', base, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      drift: [],
      changes: [{ severity: 'safe', path: 'User.nick' }],
    });
    expect(status).toBe(0);
  });

  describe('a breaking change made on purpose', () => {
    const nullable = {
      path: 'User.name',
      message: "Field 'User.name' changed type from 'String!' to 'String'",
      reason: 'Accounts may be nameless.',
    };
    const makeNullable = () => {
      change('query', '  name: String!\n', '  name: String\n');
      expect(run('generate').status).toBe(0);
    };

    test('passes if it is listed, and is printed with the reason', () => {
      makeNullable();
      expect(run('check', '--base', base).status).toBe(1);
      accept([nullable]);
      const { status, stdout } = run('check', '--base', base);
      expect(stdout).toContain(`breaking and accepted (1)\n  ${nullable.message}: ${nullable.reason}`);
      expect(stdout).not.toContain('breaking (');
      expect(status).toBe(0);
      expect(JSON.parse(run('check', '--base', base, '--json').stdout)).toMatchObject({
        ok: true,
        changes: [{ severity: 'breaking', path: nullable.path, accepted: nullable.reason }],
        unusedAcceptances: [],
      });
    });

    test('covers no other change, not even of the same field', () => {
      change('query', '  name: String!\n', '  name: Int!\n');
      change('query', '  bio: String\n', '');
      expect(run('generate').status).toBe(0);
      accept([nullable]);
      const { status, stdout } = run('check', '--base', base);
      expect(stdout).toContain('breaking (2)');
      expect(stdout).toMatch(/no change from this base \(1\).*\n {2}Field 'User.name'/);
      expect(status).toBe(1);
    });

    test('is reported once the base has it, and does not fail the check', () => {
      accept([nullable]);
      const { status, stdout } = run('check', '--base', base);
      expect(stdout).toMatch(/no change from this base \(1\).*remove these entries.*\n {2}Field 'User.name'/);
      expect(status).toBe(0);
    });

    test.each([
      ['without a reason', [{ path: nullable.path, message: nullable.message }], 'reason'],
      ['listed twice', [nullable, nullable], 'lists User.name twice'],
      ['that is not a list', nullable, 'expected array'],
    ])('fails in words if the file has an entry %s', (_what, entries, words) => {
      accept(entries);
      const { status, stderr } = run('check', '--base', base);
      expect(stderr).toContain('schema/accepted-changes.json');
      expect(stderr).toContain(words);
      expect(status).toBe(1);
    });
  });

  test('drift fails, is named, and is gone once generated', () => {
    change('query', '  bio: String\n', '  bio: String\n  nick: String\n');
    const check = run('check', '--base', base);
    expect(check.stdout).toContain('out of step with the SDL: schema/supergraph.graphql');
    expect(check.status).toBe(1);
    const generate = run('generate', '--check');
    expect(generate.stdout).toContain('out of step: subgraphs/query/generated/resolvers.ts');
    expect(generate.status).toBe(1);
    expect(run('generate').status).toBe(0);
    expect(run('generate', '--check').status).toBe(0);
  });

  test('subgraphs that do not fit together fail with the reason', () => {
    change('query', '  handle: String! @shareable\n', '  handle: Int! @shareable\n');
    const { status, stdout } = run('check', '--base', base);
    expect(stdout).toContain('the subgraphs do not compose');
    expect(stdout).toContain('User.handle');
    expect(status).toBe(1);
    expect(run('generate').status).toBe(1);
  });

  test('a base that is no commit fails in one line', () => {
    const { status, stderr } = run('check', '--base', 'nowhere');
    expect(stderr).toBe('no such commit: nowhere\n');
    expect(status).toBe(1);
  });
});
