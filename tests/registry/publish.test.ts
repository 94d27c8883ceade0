import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSql } from '../support/servers/run-sql.ts';
import { startRegistry, type TestRegistry } from './start-registry.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
const books = `${link}type Query { book(id: ID!): Book } type Book @key(fields: "id") { id: ID! title: String }`;
const shops = `${link}type Query { shop: String } type Book @key(fields: "id") { id: ID! price: Int }`;

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry[Symbol.asyncDispose]());

const inDatabase = (sql: string) => runSql(registry.database.url, sql);

describe('publish', () => {
  test('records a version with its content, and the same content again is the same version', async () => {
    const first = await registry.publish({ books }, { commit: 'abc123', message: 'Sell books' });
    expect(first).toMatchObject({
      status: 201,
      body: {
        created: true,
        composes: true,
        base: null,
        changed: ['books'],
        author: 'ada',
        commit: 'abc123',
        message: 'Sell books',
        problems: [],
      },
    });
    const { version, hash } = first.body;
    expect(await registry.publish({ books })).toMatchObject({
      status: 200,
      body: { created: false, version, hash, commit: 'abc123' },
    });
    const next = await registry.publish({ shops });
    expect(next).toMatchObject({
      status: 201,
      body: { version: version + 1, base: version, changed: ['shops'] },
    });
    const whole = await registry.ask(`/v1/versions/${next.body.version}`);
    expect(whole.body.contents.map((one: { name: string }) => one.name)).toEqual(['books', 'shops']);
    expect(whole.body.supergraph).toContain('url: "http://books.example/graphql"');
    expect(whole.body.supergraph).toContain('url: "http://shops.example/graphql"');
    // Content that was there before is a new version once another one is in between.
    expect((await registry.publish({}, { remove: ['shops'] })).body).toMatchObject({
      version: version + 2,
      hash,
    });
  });

  test('records what does not compose with its problems, and the next publication is not based on it', async () => {
    const { body: good } = await registry.publish({ books, shops });
    const bad = await registry.publish({
      books: books.replace('title: String', 'title: String price: String'),
    });
    expect(bad.body).toMatchObject({ created: true, composes: false, base: good.version });
    expect(bad.body.problems[0]).toMatchObject({ code: 'FIELD_TYPE_MISMATCH' });
    const again = await registry.publish({
      books: books.replace('title: String', 'title: String price: String'),
    });
    expect(again.body).toMatchObject({ created: false, version: bad.body.version });
    const syntax = await registry.publish({ shops: 'type Query {' });
    expect(syntax.body).toMatchObject({ composes: false, problems: [{ code: 'SDL_SYNTAX_ERROR' }] });
    const other = await registry.publish({
      shops: shops.replace('shop: String', 'shop: String owner: String'),
    });
    expect(other.body).toMatchObject({ composes: true, base: good.version, changed: ['shops'] });
    for (const { version } of [bad.body, syntax.body])
      expect(await registry.ask('/v1/environments/test/promote', { version, author: 'ada' })).toMatchObject({
        status: 409,
        body: { error: { code: 'CONFLICT' } },
      });
  });

  test('names versions in history, newest first, page by page', async () => {
    const all = (await registry.ask('/v1/versions?limit=200')).body.versions;
    expect(all.length).toBeGreaterThan(5);
    const pages: unknown[] = [];
    for (let before: number | undefined; ; ) {
      const { versions } = (await registry.ask(`/v1/versions?limit=2${before ? `&before=${before}` : ''}`))
        .body;
      pages.push(...versions);
      before = versions.at(-1)?.version;
      if (versions.length < 2) break;
    }
    expect(pages).toEqual(all);
    expect(all.map(({ version }: { version: number }) => version)).toEqual(
      all.map((_: unknown, index: number) => all.length - index),
    );
  });

  test('compares two versions', async () => {
    const { body: from } = await registry.publish({ books, shops });
    const { body: to } = await registry.publish({ books: books.replace(' title: String', '') });
    const { body } = await registry.ask(`/v1/diff?from=${from.version}&to=${to.version}`);
    expect(body.changes).toHaveLength(1);
    expect(JSON.stringify(body.changes)).toContain("Field 'title' was removed from object type 'Book'");
    expect((await registry.ask(`/v1/diff?from=${to.version}&to=${to.version}`)).body.changes).toEqual([]);
  });

  test('keeps what was written, whoever tries to change it', async () => {
    for (const sql of [
      "update registry.versions set author = 'eve'",
      'delete from registry.versions',
      'truncate registry.audit_log',
      "update registry.subgraph_contents set sdl = ''",
    ])
      await expect(inDatabase(sql)).rejects.toThrow(/keeps what was written/);
  });

  test.each([
    ['an unknown field', { subgraphs: [], auther: 'ada' }, 'BAD_USER_INPUT'],
    ['no subgraph', { subgraphs: [], author: 'ada' }, 'BAD_USER_INPUT'],
    [
      'a bad name',
      { subgraphs: [{ name: '../x', sdl: books, address: 'http://x' }], author: 'ada' },
      'BAD_USER_INPUT',
    ],
    [
      'a bad address',
      { subgraphs: [{ name: 'x', sdl: books, address: 'file:///x' }], author: 'ada' },
      'BAD_USER_INPUT',
    ],
    ['NUL', { subgraphs: [{ name: 'x', sdl: 'a\0', address: 'http://x' }], author: 'ada' }, 'BAD_USER_INPUT'],
    ['an unknown name to remove', { remove: ['nowhere'], author: 'ada' }, 'BAD_USER_INPUT'],
  ])('refuses %s by name', async (_what, body, code) => {
    const { status, body: answer } = await registry.ask('/v1/publish', body);
    expect({ status, code: answer.error.code }).toEqual({ status: 400, code });
  });

  test('refuses what is no JSON, or too long', async () => {
    expect(await registry.ask('/v1/publish', undefined, { rawBody: '{' })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST' } },
    });
    const long = await registry.ask('/v1/approvals', { x: 'x'.repeat(70_000) });
    expect(long).toMatchObject({ status: 413, body: { error: { code: 'BAD_REQUEST' } } });
  });
});

describe('approve', () => {
  test('is by the content of a change: it stays, with its first reason', async () => {
    const change = { kind: 'FIELD_REMOVED', coordinate: 'Book.title', message: 'gone' };
    const first = await registry.ask('/v1/approvals', { change, author: 'ada', reason: 'nobody reads it' });
    expect(first).toMatchObject({ status: 201, body: { created: true } });
    const again = await registry.ask('/v1/approvals', { change, author: 'eve', reason: 'because' });
    expect(again).toMatchObject({ status: 200, body: { hash: first.body.hash, reason: 'nobody reads it' } });
    const { approvals } = (await registry.ask('/v1/approvals')).body;
    expect(approvals).toMatchObject([{ ...change, author: 'ada' }]);
    expect((await registry.ask('/v1/approvals', { change, author: 'ada' })).body.error.message).toContain(
      'reason',
    );
  });
});

describe('tokens', () => {
  test('permit what their scopes say, and nothing without one', async () => {
    const reader = await registry.token('read');
    const missing = [
      await registry.ask('/v1/versions', undefined, { token: '' }),
      await registry.ask('/v1/versions', undefined, { token: `rkr_0123456789abcdef_${'A'.repeat(43)}` }),
      await registry.ask('/v1/versions', undefined, {
        token: `${reader.slice(0, -1)}${reader.endsWith('A') ? 'B' : 'A'}`,
      }),
      await registry.ask('/v1/environments/test/supergraph', undefined, { token: '' }),
    ];
    for (const { status, body } of missing)
      expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect((await registry.ask('/v1/versions', undefined, { token: reader })).status).toBe(200);
    const refused = await registry.ask('/v1/publish', { subgraphs: [], author: 'eve' }, { token: reader });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
  });

  test('are stored as hashes, and what they do is in the audit log', async () => {
    const token = await registry.token('publish');
    const sdl = books.replace('title: String', 'title: String audited: Int');
    await registry.ask(
      '/v1/publish',
      { subgraphs: [{ name: 'books', sdl, address: 'http://b' }], author: 'grace' },
      { token },
    );
    const { entries } = (await registry.ask('/v1/audit?limit=1')).body;
    expect(entries).toMatchObject([
      { tokenId: token.split('_')[1], action: 'publish', details: { author: 'grace', changed: ['books'] } },
    ]);
    const stored = JSON.stringify([
      await inDatabase('select * from registry.tokens'),
      await inDatabase('select * from registry.audit_log'),
    ]);
    expect(stored).not.toContain(token.split('_').slice(2).join('_'));
  });
});

test('concurrent publications to several replicas are each based on the one before', async () => {
  await using other = await startRegistry({ of: registry });
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name, index) =>
      (index % 2 === 0 ? registry : other).publish({ [name]: `${link}type Query { ${name}: Int }` }),
    ),
  );
  const numbers = answers.map(({ body }) => body.version).sort((x, y) => x - y);
  const [head] = (await registry.ask('/v1/versions?limit=1')).body.versions;
  expect(numbers).toEqual([3, 2, 1, 0].map((before) => head.version - before));
  for (const { body } of answers) if (body.version > numbers[0]) expect(body.base).toBe(body.version - 1);
  expect(Object.keys(head.subgraphs)).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
});
