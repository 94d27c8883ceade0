import { describe, expect, test } from 'vitest';
import { books, shops, useCommands } from './run-commands.ts';

const commands = useCommands();
const { run, runJson, file, booksAt, publishBooks } = commands;

/** Answers the newest launch of an environment as a gateway. */
const answer = (environment: string, gateway: string, body: object) =>
  commands.registry.ask(`/v1/environments/${environment}/gateways/${gateway}`, body);

describe('publish', () => {
  test('records a version with its commit and author, and the same content again is the same version', async () => {
    const first = await publishBooks(books, '--commit', 'abc123', '--message', 'Sell books');
    expect(first).toEqual({ status: 0, stdout: 'version 1: books changed\n', stderr: '' });
    expect((await publishBooks(books)).stdout).toBe('version 1 has this content already\n');
    const { versions } = await runJson('history');
    expect(versions).toMatchObject([
      { version: 1, author: 'ada', commit: 'abc123', message: 'Sell books', composes: true },
    ]);
  });

  test('reads subgraphs and addresses from the configuration, and removes a subgraph', async () => {
    file('shops.graphql', shops);
    const config = file(
      'shop.json',
      JSON.stringify({ subgraphs: { shops: { sdl: 'shops.graphql', url: 'http://shops.example/graphql' } } }),
    );
    expect(await runJson('publish', '--config', config)).toMatchObject({
      created: true,
      version: { composes: true, changed: ['shops'] },
    });
    const whole = await commands.registry.ask(
      `/v1/versions/${(await runJson('history')).versions[0].version}`,
    );
    expect(whole.body.supergraph).toContain('url: "http://shops.example/graphql"');
    expect(await runJson('publish', '--remove', 'shops')).toMatchObject({ version: { changed: ['shops'] } });
  });

  test('of what does not compose is recorded, reported with the place, and fails', async () => {
    const broken = `${books}type {\n`;
    const failed = await publishBooks(broken);
    expect(failed.stdout).toMatch(
      /^version \d+: books changed; it does not compose, and is never delivered\nbooks\.graphql:4:6 \[books\] SDL_SYNTAX_ERROR: /,
    );
    expect(failed.stderr).toMatch(/^failed: the subgraphs do not compose: version \d+ is never delivered\n$/);
    expect(failed.status).toBe(1);
    const again = await publishBooks(broken, '--json');
    expect(again.status).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({
      ok: false,
      outcome: 'composition-failed',
      created: false,
      version: { composes: false },
      compositionErrors: [{ positions: [{ subgraph: 'books', file: 'books.graphql', line: 4 }] }],
    });
    const [newest] = (await runJson('history', '--limit', '1')).versions;
    expect(newest.composes).toBe(false);
    expect((await run(['promote', String(newest.version)])).status).toBe(1);
  });

  test.each([
    [
      ['publish', '--subgraph', 'books=nowhere.graphql', '--url', 'http://b.example'],
      'failed to read nowhere.graphql',
    ],
    [['publish', '--subgraph', 'books=books.graphql'], 'name the address of books with --url books=ADDRESS'],
    [
      ['publish', '--subgraph', 'books=books.graphql', '--url', 'shops=http://b.example'],
      '--url names shops',
    ],
    [
      [
        'publish',
        '--subgraph',
        'books=books.graphql',
        '--url',
        'nowhere',
        '--registry',
        'http://127.0.0.1:1',
      ],
      '--url must be an http or https address, and is "nowhere"',
    ],
    [['publish', '--remove', 'nobody'], 'remove names nobody'],
    [['publish', '--wait', '5'], '--wait needs --promote'],
    [['rollback'], 'say why with --reason'],
    [['diff', '1', '99'], 'There is no version 99.'],
    [['diff'], 'diff takes FROM and TO'],
    [['history', '--limit', '0'], '--limit must be a whole number'],
    [['approve', '--reason', 'x'], 'name a change with --kind'],
    [['launches', '--environment', 'No Name'], '--environment must be lower-case letters'],
    [['launches', '--registry', 'nowhere'], '--registry must be an http or https address'],
    [['usage', '--token', 'file:///nowhere'], 'the file of the token is not readable'],
  ])('%j ends with one line and exit code 2', async (args, words) => {
    file('books.graphql', books);
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^schema \w+: [^\n]+\n$/);
    expect(stderr).toContain(words);
  });
});

describe('launches', () => {
  test('promote and rollback wait for the gateways, and fail if one refuses', async () => {
    const environment = 'waited';
    const older = (await runJson('publish', ...booksAt(books))).version.version;
    const newer = (await runJson('publish', ...booksAt(books.replace('title', 'subtitle: Int title'))))
      .version.version;
    const within = (...args: string[]) => run([...args, '--environment', environment]);
    expect((await within('promote', String(older), '--wait', '5')).stdout).toMatch(
      /^launch 1 of waited: version \d+, promoted by ada, .*\n {2}no gateway runs\n$/,
    );
    await answer(environment, 'g1', { launch: 1, serves: 1, outcome: 'served' });
    const promoted = within('promote', '--wait', '60');
    await expect
      .poll(async () => (await within('launches', '--limit', '1')).stdout)
      .toMatch(/launch 2 .*\n {2}waiting g1/);
    await answer(environment, 'g1', { launch: 2, serves: 2, outcome: 'served' });
    expect(await promoted).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`launch 2 of waited: version ${newer},.*\\n {2}served +g1`)),
    });
    const back = within('rollback', '--reason', 'carts are empty', '--wait', '60');
    await expect.poll(async () => (await within('launches', '--limit', '1')).stdout).toMatch(/launch 3/);
    await answer(environment, 'g1', {
      launch: 3,
      serves: 2,
      outcome: 'refused',
      reason: 'cannot be planned',
    });
    expect(await back).toMatchObject({
      status: 1,
      stderr: 'failed: gateway g1 refuses launch 3: cannot be planned\n',
    });
    expect((await within('launches')).stdout).toMatch(
      /rolled back by ada, .*\n {2}reason: carts are empty\n {2}refused g1: cannot be planned/,
    );
    const late = await within('promote', '--wait', '1');
    expect(late).toMatchObject({ status: 1, stderr: 'failed: no answer to launch 4 from g1\n' });
  });

  test('publish delivers at once, and a pipeline that was overtaken succeeds', async () => {
    const environment = ['--environment', 'overtaken'];
    const first = await runJson('publish', ...booksAt(books.replace('title', 'one: Int title')));
    const second = await runJson(
      'publish',
      ...booksAt(books.replace('title', 'two: Int title')),
      '--promote',
      ...environment,
    );
    expect(second.launch).toMatchObject({ launch: 1, version: second.version.version, created: true });
    const overtaken = await runJson('promote', String(first.version.version), ...environment);
    expect(overtaken.launch).toMatchObject({ launch: 1, version: second.version.version, created: false });
  });
});

test('diff shows what changes between two versions, and usage what clients use', async () => {
  const from = (await runJson('publish', ...booksAt(books))).version.version;
  const { version } = await runJson(
    'publish',
    ...booksAt(books.replace(' title: String', ' pages: Int')),
    '--promote',
  );
  expect((await run(['diff', String(from), String(version.version)])).stdout).toBe(
    `version ${from} to ${version.version}
breaking   Book.title  Field 'title' was removed from object type 'Book'
safe       Book.pages  Field 'pages' was added to object type 'Book'
`,
  );
  expect(await runJson('diff', String(from))).toMatchObject({ to: version.version });
  await commands.registry.ask('/v1/environments/production/usage', {
    operations: [
      {
        document: '{ book(id: "") { pages } }',
        operationName: null,
        client: { name: 'web', version: '2' },
        count: 5,
        errors: 0,
        durationMs: 9,
        inputs: [],
      },
    ],
  });
  const { stdout } = await run(['usage']);
  expect(stdout).toMatch(/^Book\.pages: 5 requests by web@2, last \d{4}-\d\d-\d\d$/m);
  expect(stdout).toMatch(/^Book\.id: unused$/m);
  expect((await run(['usage', '--unused'])).stdout).toBe('Book.id\n');
});

test('approve takes one change, or all that a check refused', async () => {
  const change = { kind: 'FIELD_REMOVED', coordinate: 'Book.title', message: "Field 'title' was removed" };
  const other = { ...change, coordinate: 'Book.isbn', message: "Field 'isbn' was removed" };
  const report = file(
    'check.json',
    JSON.stringify({
      changes: [
        { ...change, decision: 'refused' },
        { ...change, coordinate: 'Book.id', decision: 'unused' },
      ],
      contracts: [
        {
          changes: [
            { ...change, decision: 'refused' },
            { ...other, decision: 'refused' },
          ],
        },
      ],
    }),
  );
  const { coordinate, kind, message } = other;
  const one = ['approve', '--kind', kind, '--coordinate', coordinate, '--message', message];
  expect((await run([...one, '--reason', 'nobody reads it'])).stdout).toBe(
    `approved: ${coordinate}: ${message}\n`,
  );
  const all = await run(['approve', '--report', report, '--reason', 'the apps are gone'], {
    GITHUB_ACTOR: 'bob',
  });
  expect(all.stdout).toBe(
    `approved: Book.title: ${change.message}\napproved before, by ada: Book.isbn: ${message}\n`,
  );
  const { approvals } = (await commands.registry.ask('/v1/approvals')).body;
  expect(approvals).toMatchObject([
    { ...other, author: 'ada', reason: 'nobody reads it' },
    { ...change, author: 'bob', reason: 'the apps are gone' },
  ]);
});

test('a token without the scope, and one that is invalid, are refused with exit code 2', async () => {
  const reader = await commands.registry.token('read');
  for (const [given, words] of [
    [reader, 'lacks the scope publish'],
    ['rkr_nonsense', 'Send a valid token'],
  ] as const) {
    const { status, stdout, stderr } = await run(['promote', '1', '--json'], { REGISTRY_TOKEN: given });
    expect(stderr).toContain(words);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, outcome: 'access-denied', exitCode: 2 });
    expect(status).toBe(2);
  }
  file('token', `${reader}\n`);
  expect((await run(['history'], { REGISTRY_TOKEN: `file://${commands.path('token')}` })).status).toBe(0);
});
