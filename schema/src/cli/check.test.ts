import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createScratchSchema } from '../../../tests/support/scratch-schema.ts';

const scratch = createScratchSchema();
const { base, empty, run, change, accept } = scratch;

beforeEach(scratch.reset);
afterAll(() => scratch[Symbol.dispose]());

describe('schema:check', () => {
  test('passes if nothing has changed, and names the base of the comparison', async () => {
    const { status, stdout } = await run('check');
    expect(stdout).toContain('base HEAD~1 (chosen by default): no schema there, so everything is new');
    expect(status).toBe(0);
    expect((await run('check', '--base', base)).stdout).toContain(`base ${base}: no change for clients`);
    expect(JSON.parse((await run('check', '--base', empty, '--json')).stdout)).toMatchObject({
      ok: true,
      comparison: 'new',
    });
  });

  test('a field that goes is breaking, one that comes is safe, an enum value that comes is dangerous', async () => {
    change('query', '  bio: String\n', '  nick: String\n');
    change('query', 'enum FeedVerb {\n', 'enum FeedVerb {\n  POLL\n');
    expect((await run('generate')).status).toBe(0);
    const { status, stdout } = await run('check', '--base', base);
    expect(stdout).toMatch(
      /breaking \(1\)\n {2}schema\/graphql\/query\.graphql:\d+ \[query\] Field 'bio' was removed from object type 'User'\n.*dangerous \(1\)\n {2}\S+ \[query\] Enum value 'POLL'.*safe \(1\)\n {2}\S+ \[query\] Field 'nick'/s,
    );
    expect(status).toBe(1);
  });

  describe('a breaking change made on purpose', () => {
    const nullable = {
      path: 'User.name',
      message: "Field 'User.name' changed type from 'String!' to 'String'",
      reason: 'Accounts may be nameless.',
    };
    const makeNullable = async () => {
      change('query', '  name: String!\n', '  name: String\n');
      expect((await run('generate')).status).toBe(0);
    };

    test('passes if it is listed, and is printed with the reason', async () => {
      await makeNullable();
      expect((await run('check', '--base', base)).status).toBe(1);
      accept([nullable]);
      const { status, stdout } = await run('check', '--base', base);
      expect(stdout).toContain('breaking and accepted (1)');
      expect(stdout).toContain(`[query] ${nullable.message}: ${nullable.reason}`);
      expect(stdout).not.toContain('breaking (');
      expect(status).toBe(0);
      expect(JSON.parse((await run('check', '--base', base, '--json')).stdout)).toMatchObject({
        ok: true,
        changes: [{ criticality: 'breaking', coordinate: nullable.path, accepted: nullable.reason }],
        unusedAcceptances: [],
      });
    });

    test.each([
      ['without a reason', [{ path: nullable.path, message: nullable.message }], 'reason'],
      ['listed twice', [nullable, nullable], 'lists User.name twice'],
      ['that is not a list', nullable, 'expected array'],
    ])('fails in words if the file has an entry %s', async (_what, entries, words) => {
      accept(entries);
      const { status, stderr } = await run('check', '--base', base);
      expect(stderr).toContain('schema/accepted-changes.json');
      expect(stderr).toContain(words);
      expect(status).toBe(2);
    });
  });

  describe('a permission or a limit', () => {
    const removed = {
      path: 'Mutation.logOut',
      message: "@authenticated of 'Mutation.logOut' was removed.",
      reason: 'Signing out answers true to everybody.',
    };

    test('that is removed fails until it is accepted', async () => {
      change('mutation', 'logOut: Boolean @authenticated', 'logOut: Boolean');
      expect((await run('generate')).status).toBe(0);
      const { status, stdout } = await run('check', '--base', base);
      expect(stdout).toContain(
        `[mutation] [security] ${removed.message} Clients that are refused today may use it.`,
      );
      expect(status).toBe(1);
      accept([removed]);
      const accepted = await run('check', '--base', base);
      expect(accepted.stdout).toMatch(
        /security and accepted \(1\)\n.*@authenticated of 'Mutation.logOut' was removed: Signing out answers/,
      );
      expect(accepted.status).toBe(0);
    });
  });

  test('a removed field fails if a recorded operation uses it, naming the client, and passes if none does', async () => {
    change('query', '  bio: String\n', '');
    expect((await run('generate')).status).toBe(0);
    const usageOf = (document: string) => {
      const lastSeen = new Date().toISOString();
      const client = { name: 'web', version: '1.4' };
      const operations = [{ document, client, count: 12, lastSeen }];
      scratch.write('usage.json', JSON.stringify({ version: 1, from: lastSeen, to: lastSeen, operations }));
      return join(scratch.dir, 'usage.json');
    };
    const used = usageOf('query Bio { me { name bio } }');
    const { status, stdout } = await run('check', '--base', base, '--usage', used, '--format', 'github');
    expect(stdout).toMatch(
      /^::error file=schema\/graphql\/query\.graphql,line=\d+,col=\d+,title=FIELD_REMOVED::Field 'bio' was removed .*Used by Bio \(web\)\.$/m,
    );
    expect(stdout).toContain('broken query Bio: 12 requests\n    web 1.4 (12×, last ');
    expect(stdout).toMatch(/ {4}bio\n.* {4}\^\^\^ Cannot query field "bio" on type "User"\.\n/);
    expect(status).toBe(1);
    const unused = await run('check', '--base', base, '--usage', usageOf('{ me { name } }'));
    expect(unused.stdout).toMatch(
      /breaking and unused \(1\)\n.*Field 'bio' was removed.*\n {4}no operation uses it\n/,
    );
    expect(unused.status).toBe(0);
  });

  test('drift fails, is named, and is gone once generated', async () => {
    change('query', '  bio: String\n', '  bio: String\n  nick: String\n');
    const check = await run('check', '--base', base);
    expect(check.stdout).toContain('out of step with the SDL: schema/supergraph.graphql');
    expect(check.status).toBe(1);
    const generate = await run('generate', '--check');
    expect(generate.stdout).toContain('out of step: subgraphs/query/generated/resolvers.ts');
    expect(generate.status).toBe(1);
    expect((await run('generate')).status).toBe(0);
    expect((await run('generate', '--check')).status).toBe(0);
  });

  test('a file that cannot be used is one line with its place, and exit code 2', async () => {
    change('query', 'type Query {', 'type Query {{');
    const { status, stdout, stderr } = await run('check');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^schema check: schema\/graphql\/query\.graphql:\d+:13 \[query\] Syntax Error: Expected Name, found "\{"\.\n$/,
    );
  });

  test('subgraphs that do not fit together fail with the reason', async () => {
    change('query', '  handle: String! @shareable\n', '  handle: Int! @shareable\n');
    const { status, stdout } = await run('check', '--base', base);
    expect(stdout).toContain('the subgraphs do not compose');
    expect(stdout).toMatch(
      /^schema\/graphql\/\w+\.graphql:\d+:\d+ \[\w+\] EXTERNAL_TYPE_MISMATCH: .*User\.handle/m,
    );
    expect(status).toBe(1);
    expect(JSON.parse((await run('check', '--base', base, '--json')).stdout)).toMatchObject({
      ok: false,
      outcome: 'composition-failed',
      exitCode: 1,
      compositionErrors: [
        {
          code: 'EXTERNAL_TYPE_MISMATCH',
          positions: expect.arrayContaining([
            expect.objectContaining({ subgraph: 'query', file: 'schema/graphql/query.graphql' }),
            expect.objectContaining({ subgraph: 'mutation', file: 'schema/graphql/mutation.graphql' }),
          ]),
        },
      ],
    });
    expect((await run('generate')).status).toBe(1);
  });

  test('a base that is no commit fails in one line, as a process too', async () => {
    const failed = { status: 2, stdout: '', stderr: 'schema check: no such commit: nowhere\n' };
    expect(await run('check', '--base', 'nowhere')).toEqual(failed);
    expect(scratch.spawn('check', '--base', 'nowhere')).toEqual(failed);
  });
});
