import { describe, expect, test } from 'vitest';
import { books, useCommands } from './run-commands.ts';

const commands = useCommands();
const { run, runJson, file, publishBooks } = commands;

describe('check in the registry', () => {
  const environment = ['--environment', 'checked'];
  const check = (sdl: string, ...more: string[]) =>
    run(['check', '--subgraph', `books=${file('books.graphql', sdl)}`, ...environment, ...more]);
  const withoutTitle = books.replace(' title: String', '');
  const operation = (document: string) => ({
    document,
    operationName: 'Book',
    client: { name: 'web', version: '2' },
    count: 5,
    errors: 0,
    durationMs: 9,
    inputs: [],
  });

  test('joins a change with the usage there, names operation and client, and passes once it is approved', async () => {
    await publishBooks(books);
    await commands.registry.ask('/v1/environments/checked/usage', {
      operations: [operation('query Book { book(id: "") { title } }')],
    });
    const refused = await check(withoutTitle);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(/^version \d+ of http:\S+, checked \(check (\d+)\): 1 change$/m);
    expect(refused.stdout).toMatch(
      /breaking \(1\)\n {2}books\.graphql:3 \[books\] Field 'title' was removed/,
    );
    expect(refused.stdout).toMatch(/broken query Book: 5 requests\n {4}web 2 \(5×/);
    const advice = /approve with: npm run schema -- approve --check (\d+) --reason TEXT\n$/.exec(
      refused.stdout,
    );
    const approve = ['approve', '--check', advice?.[1] ?? '', '--reason', 'the web app was rebuilt'];
    expect(await run(approve)).toMatchObject({ status: 0, stdout: expect.stringContaining('Book.title') });
    const accepted = await check(withoutTitle, '--json');
    expect(JSON.parse(accepted.stdout)).toMatchObject({
      ok: true,
      check: expect.any(Number),
      usage: { requests: 5 },
      changes: [{ coordinate: 'Book.title', decision: 'accepted', accepted: 'the web app was rebuilt' }],
    });
    expect(accepted.status).toBe(0);
    // No other change is covered.
    const other = withoutTitle.replace('book(id: ID!): Book', 'book(id: ID!): Book!');
    expect((await check(other.replace('id: ID!)', 'id: Int!)'))).status).toBe(1);
  });

  test('lets an unused field go, fails without usage, and is approved by its commit', async () => {
    const two = books.replace('title: String', 'title: String unread: Int');
    await publishBooks(two);
    const quiet = ['--environment', 'quiet', '--commit', 'abc1234'];
    const annotations = await check(books, ...quiet, '--format', 'github');
    expect(annotations.stdout).toMatch(/^::error file=books\.graphql,line=3,col=\d+,title=FIELD_REMOVED::/m);
    expect(annotations.status).toBe(1);
    const unused = await check(books);
    expect(unused.stdout).toContain('breaking and unused (1)');
    expect(unused.status).toBe(0);
    const approved = await run(['approve', '--environment', 'quiet', '--commit', 'abc12', '--reason', 'x']);
    expect(approved.stdout).toBe(
      "approved: Book.unread: Field 'unread' was removed from object type 'Book'\n",
    );
    expect((await check(books, ...quiet)).status).toBe(0);
  });

  test('honors an approval of its pull request there alone, and for no change that comes later', async () => {
    await publishBooks(books.replace('title: String', 'title: String sold: Int'));
    const reviewed = ['--environment', 'reviewed'];
    const checkIn = (sdl: string, given: readonly string[], ci?: Record<string, string>) =>
      run(['check', '--subgraph', `books=${file('books.graphql', sdl)}`, ...reviewed, ...given], ci);
    const twelve = ['--pull-request', 'acme/shop#12'];
    expect((await checkIn(books, twelve)).status).toBe(1);
    const approve = ['approve', ...reviewed, ...twelve, '--reason', 'the shop is rebuilt'];
    expect((await run(approve)).stdout).toBe(
      "approved for acme/shop#12: Book.sold: Field 'sold' was removed from object type 'Book'\n",
    );
    const passes = async (...given: Parameters<typeof checkIn>) => (await checkIn(...given)).status === 0;
    expect(await passes(books, twelve)).toBe(true);
    const ofGithub = { GITHUB_REPOSITORY: 'Acme/shop', GITHUB_REF: 'refs/pull/12/merge' };
    expect(await passes(books, [], ofGithub)).toBe(true);
    for (const elsewhere of [[], ['--pull-request', 'acme/shop#13'], ['--pull-request', 'acme/else#12']])
      expect(await passes(books, elsewhere), elsewhere.join(' ')).toBe(false);
    expect(await passes(books.replace('book(id: ID!)', 'book(id: Int!)'), twelve)).toBe(false);
    const one = ['--kind', 'FIELD_REMOVED', '--coordinate', 'Book.isbn', '--message', 'gone'];
    await run([...approve, ...one]);
    expect((await run(['history', '--approvals', '--limit', '2'])).stdout).toMatch(
      /^\d{4}-\S+ \S+ {2}ada {2}acme\/shop#12 {2}Book\.isbn: gone {2}the shop is rebuilt\n.* {2}Book\.sold: .*\n$/,
    );
  });

  test('reports what does not compose, a syntax error, and a contract that fails', async () => {
    const clash = 'type Query { book: Int }';
    const failed = await run(['check', '--subgraph', `shops=${file('shops.graphql', clash)}`, '--json']);
    expect(JSON.parse(failed.stdout)).toMatchObject({ outcome: 'composition-failed', exitCode: 1 });
    expect(failed.status).toBe(1);
    const syntax = await check('type {', '--json');
    expect(JSON.parse(syntax.stdout)).toMatchObject({
      outcome: 'unusable-input',
      compositionErrors: [{ positions: [{ file: 'books.graphql', line: 1, column: 6 }] }],
    });
    const config = file(
      'contracts.json',
      JSON.stringify({
        subgraphs: { books: { sdl: 'books.graphql' } },
        contracts: [{ name: 'empty', include: ['nobody'] }],
      }),
    );
    file('books.graphql', books);
    const contract = await run(['check', '--config', config, '--json']);
    expect(JSON.parse(contract.stdout)).toMatchObject({ outcome: 'contract-failed', exitCode: 1 });
  });

  test('lints what changes against the newest version, with the rules of the configuration', async () => {
    await publishBooks(books.replace('title', 'old_name: Int title'));
    const changed = books.replace('title', 'old_name: Int new_name: Int title');
    const failed = await check(changed, '--format', 'github');
    expect(failed.stdout).toMatch(
      /^::error file=books\.graphql,line=3,col=\d+,title=naming-convention::The name of Book\.new_name must be in camelCase\.$/m,
    );
    expect(failed.stdout).not.toContain('old_name');
    expect(failed.status).toBe(1);
    file('lint.json', JSON.stringify({ rules: { 'naming-convention': 'warn' } }));
    const subgraphs = { books: { sdl: 'books.graphql' } };
    const config = file('linted.json', JSON.stringify({ subgraphs, lint: 'lint.json' }));
    expect((await run(['check', '--config', config])).status).toBe(0);
  });

  test.each([
    [
      ['check', '--base', 'HEAD', '--registry', 'http://r.example'],
      '--base and --registry exclude each other',
    ],
    [['check', '--usage', 'usage.json'], '--usage excludes --registry'],
    [['check', '--base', 'HEAD', '--remove', 'books'], '--remove needs --registry'],
    [['check', '--base', 'HEAD', '--pull-request', '1'], '--pull-request needs --registry'],
    [['history', '--approvals', '--before', '2'], '--approvals excludes --before'],
    [['approve', '--pull-request', '#12', '--reason', 'x'], '--pull-request must be a number'],
    [['approve', '--pull-request', 'acme/new#9', '--reason', 'x'], 'no check of acme/new#9 is in production'],
    [['approve', '--check', '1', '--report', 'x', '--reason', 'x'], 'name either one change, or one of'],
    [['approve', '--commit', 'nowhere', '--reason', 'x'], 'checks is of the commit nowhere'],
  ])('%j ends with exit code 2', async (args, words) => {
    const { status, stderr } = await run(args);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });
});

describe('operations', () => {
  const app = ['--client', 'ios', '--client-version', '4.2.0', '--environment', 'apps'];
  const pages = 'query Title { book(id: "1") { title } }';

  test('live in the registry: published, counted by checks, listed and retired', async () => {
    await publishBooks(books);
    const manifests = {
      apollo: {
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [{ id: 'a', name: 'Title', type: 'query', body: pages }],
      },
      plain: { a: pages.replaceAll(' ', '  ') },
    };
    const first = await run([
      'operations',
      'publish',
      file('apollo.json', JSON.stringify(manifests.apollo)),
      ...app,
    ]);
    expect(first.stdout).toMatch(
      /^ios 4\.2\.0: published, 1 operation, published \d{4}-\d\d-\d\d by ada, never seen\n$/,
    );
    // The same operations in another layout are the same operations.
    const again = await run([
      'operations',
      'publish',
      file('plain.json', JSON.stringify(manifests.plain)),
      ...app,
    ]);
    expect(again.stdout).toContain(' (published before)\n');
    const broken = [
      'check',
      '--subgraph',
      `books=${file('books.graphql', books.replace(' title: String', ''))}`,
    ];
    const refused = await run([...broken, '--environment', 'apps']);
    expect(refused.stdout).toMatch(/broken query Title: 0 requests\n {4}ios 4\.2\.0 \(trusted document\)/);
    const list = ['operations', 'list', '--environment', 'apps'];
    expect(await runJson(...list)).toMatchObject({ appVersions: [{ state: 'published', documents: 1 }] });
    expect(await run(['operations', 'retire', ...app])).toMatchObject({ status: 2 });
    expect((await run(['operations', 'retire', ...app, '--reason', 'forced upgrade'])).stdout).toContain(
      'ios 4.2.0: retired, 1 operation,',
    );
    expect((await run(list)).stdout).toContain('retired: forced upgrade\n');
    expect((await run([...broken, '--environment', 'apps'])).stdout).not.toContain('broken query Title');
  });

  test.each([
    [['operations'], 'operations takes publish, retire, list'],
    [['operations', 'publish'], 'operations publish takes one MANIFEST'],
    [['operations', 'publish', 'apollo.json'], 'name the app version with --client'],
    [['operations', 'publish', 'nowhere.json', ...app], 'failed to read nowhere.json'],
    [['operations', 'retire', '--client', 'nobody', '--client-version', '1', '--reason', 'x'], 'nobody'],
  ])('%j ends with exit code 2', async (args, words) => {
    const { status, stderr } = await run(args);
    expect(stderr).toContain(words);
    expect(status).toBe(2);
  });

  test('that the supergraph does not have are refused', async () => {
    const { version } = (await runJson('history', '--limit', '1')).versions[0];
    await run(['promote', String(version), '--environment', 'apps']);
    const manifest = file('bad.json', JSON.stringify({ b: '{ nothing }' }));
    const { status, stderr } = await run(['operations', 'publish', manifest, ...app]);
    expect(stderr).toContain('Cannot query field "nothing"');
    expect(status).toBe(2);
  });
});
