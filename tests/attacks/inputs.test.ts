import { beforeAll, describe, expect, test } from 'vitest';
import { type Ask, overHttp, overWebSocket } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { publish, publishedIn } from './publish.ts';

let system: SharedSystem;
let ada: Account;
let ben: Account;
let http: Ask;
const asks: Record<string, Ask> = {};

beforeAll(async () => {
  system = await sharedSystem();
  http = overHttp(system.gatewayUrl);
  asks.HTTP = http;
  asks.WebSocket = overWebSocket(system.gatewayUrl);
  [ada, ben] = [await system.signUp(), await system.signUp()];
});

const published = async (body: string) => publishedIn(await publish(http, ada, body));

describe.each(['HTTP', 'WebSocket'])('over %s', (transport) => {
  const ask: Ask = (...given) => (asks[transport] as Ask)(...given);

  test.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'])(
    'row 10 alias %s is harmless, and the next request is fine',
    async (alias) => {
      const { id } = (await published('something')).post;
      const answer = await ask(
        {
          query: `query ($id: ID!) { ${alias}: me { ${alias}: handle } post(id: $id) { ${alias}: author { ${alias}: handle } } }`,
          variables: { id },
        },
        ada.token,
      );
      expect(answer.errors).toEqual([]);
      expect(Object.hasOwn(answer.data ?? {}, alias)).toBe(true);
      const [own, post] = ['{"ALIAS":"HANDLE"}', '"post":{"ALIAS":{"ALIAS":"HANDLE"}}'];
      const expected = `{"data":{"ALIAS":${own},${post}}}`;
      expect(answer.text).toBe(expected.replaceAll('ALIAS', alias).replaceAll('HANDLE', ada.handle));
      expect(({} as Record<string, unknown>).handle).toBeUndefined();
      expect((await ask({ query: '{ me { handle } }' }, ben.token)).data).toEqual({
        me: { handle: ben.handle },
      });
    },
  );

  test('row 10 a variable, a fragment and an operation of such a name are harmless too', async () => {
    const { id } = (await published('something')).post;
    const query = `query constructor($__proto__: ID!) { post(id: $__proto__) { ...prototype } }
      fragment prototype on Post { author { handle } }`;
    // Written by hand: an object literal would take the name for its prototype.
    const variables = JSON.parse(`{"__proto__":"${id}"}`);
    const answer = await ask({ query, variables }, ada.token);
    expect(answer.code).toBe('BAD_REQUEST');
    expect(answer.data).toBeUndefined();
    const others = query.replaceAll('__proto__', 'prototype');
    const { data } = await ask({ query: others, variables: { prototype: id } }, ada.token);
    expect(data).toEqual({ post: { author: { handle: ada.handle } } });
    expect((await ask({ query: '{ me { handle } }' }, ben.token)).data).toEqual({
      me: { handle: ben.handle },
    });
  });

  const lists = [
    '{ friendsFeed(SIZE: COUNT) { edges { cursor } } }',
    '{ myFeed(SIZE: COUNT) { edges { cursor } } }',
    '{ me { followers(SIZE: COUNT) { edges { cursor } } } }',
    '{ me { following(SIZE: COUNT) { edges { cursor } } } }',
    '{ me { feed(SIZE: COUNT) { edges { cursor } } } }',
    '{ post(id: "POST") { replies(SIZE: COUNT) { edges { cursor } } } }',
  ];
  const sizes = ['first', 'last'] as const;
  const listsBy = (size: (typeof sizes)[number]) => lists.map((each) => each.replace('SIZE', size));

  const refused = (size: string) => [{ code: 'BAD_USER_INPUT', field: size }];
  const cases = <T>(values: readonly T[]) =>
    sizes.flatMap((size) => values.map((value) => [size, value] as const));

  test.each(cases([0, -1, 10 ** 9, 101, null]))('row 11 %s: %s', async (size, count) => {
    const { id } = (await published('something')).post;
    for (const list of listsBy(size).map((each) => each.replace('POST', id))) {
      const query = list.replace('COUNT', '$n').replace('{', 'query ($n: Int) {');
      for (const answer of [
        await ask({ query, variables: { n: count } }, ada.token),
        await ask({ query: list.replace('COUNT', String(count)) }, ada.token),
      ]) {
        expect(answer.errors.map(({ extensions }) => extensions)).toEqual(refused(size));
        expect(answer.text).not.toContain('"edges":');
      }
    }
  });

  test('row 11 first and last together', async () => {
    const { id } = (await published('something')).post;
    for (const list of lists.map((each) => each.replace('POST', id))) {
      const { errors, text } = await ask(
        { query: list.replace('SIZE: COUNT', 'first: 1, last: 1') },
        ada.token,
      );
      expect(errors.map(({ extensions }) => extensions)).toEqual(refused('last'));
      expect(text).not.toContain('"edges":');
    }
  });

  test.each(cases(['NaN', '1', 1.5, true, [1, 2], 2 ** 31, {}]))(
    'row 11 %s: %j is no Int',
    async (size, count) => {
      const query = `query ($${size}: Int) { friendsFeed(${size}: $${size}) { edges { cursor } } }`;
      const { errors, data } = await ask({ query, variables: { [size]: count } }, ada.token);
      expect(errors.map(({ extensions }) => extensions)).toEqual(refused(size));
      expect(data).toBeUndefined();
    },
  );

  test.each(cases(['NaN', '"1"', '1.5', '1e9', 'true', '[1, 2]', '2147483648', '{a: 1}', '[]']))(
    'row 11 %s: %s in the document is no Int',
    async (size, count) => {
      for (const list of listsBy(size)) {
        const { errors, data } = await ask({ query: list.replace('COUNT', count) }, ada.token);
        expect(errors.map(({ extensions }) => extensions)).toEqual(refused(size));
        expect(data).toBeUndefined();
      }
    },
  );

  test.each([
    ['an object as an id', { $ne: 1 }],
    ['a list of objects as an id', [{ $gt: '' }]],
  ])('row 13 %s', async (_what, id) => {
    for (const query of [
      'query ($id: ID!) { post(id: $id) { id } }',
      'query ($id: ID) { user(id: $id) { id } }',
    ])
      expect((await ask({ query, variables: { id } }, ada.token)).errors[0]?.extensions).toEqual({
        code: 'BAD_USER_INPUT',
        field: 'id',
      });
    expect((await ask({ query: '{ post(id: {ne: 1}) { id } }' }, ada.token)).errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'id',
    });
    const like = 'mutation ($id: ID!) { likePost(input: { postId: $id }) { activity { id } } }';
    expect((await ask({ query: like, variables: { id } }, ada.token)).code).toBe('BAD_USER_INPUT');
  });

  test.each([
    "'; DROP TABLE accounts; --",
    "' OR '1'='1",
    '{"$ne":1}',
    '$where',
    '../../etc/passwd',
    '\u0000',
    '\ud800',
    '\u202e',
    'x'.repeat(100_000),
    '*',
    '%',
    'feed:{x}\r\nFLUSHALL\r\n',
  ])('row 13 %.30j as an id names nothing', async (id) => {
    const read = await ask(
      {
        query: 'query ($id: ID!) { post(id: $id) { id } user(id: $id) { id } activity(id: $id) { id } }',
        variables: { id },
      },
      ada.token,
    );
    expect(read.data).toEqual({ post: null, user: null, activity: null });
    expect(read.errors).toEqual([]);
    const byHandle = await ask(
      { query: 'query ($handle: String) { user(handle: $handle) { id } }', variables: { handle: id } },
      ada.token,
    );
    expect(byHandle.data).toEqual({ user: null });
    expect(byHandle.errors).toEqual([]);
    const written = await ask(
      {
        query:
          'mutation ($id: ID!) { likePost(input: { postId: $id }) { activity { id } } followUser(input: { userId: $id }) { activity { id } } }',
        variables: { id },
      },
      ada.token,
    );
    for (const { extensions } of written.errors)
      expect(['NOT_FOUND', 'BAD_USER_INPUT']).toContain(extensions.code);
    expect(written.errors.length).toBeGreaterThan(0);
  });
});

interface Feed {
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly post: { readonly id: string } };
  }[];
  readonly pageInfo: { readonly endCursor: string | null };
}

test('row 12 forged, tampered and other people’s cursors, other lists’ cursors', async () => {
  await published('one');
  const last = await published('two');
  const mine = await http(
    { query: '{ myFeed(first: 1) { edges { cursor } pageInfo { endCursor } } }' },
    ada.token,
    {
      'x-read-after': last.activity.id,
    },
  );
  const cursor = (mine.data?.myFeed as Feed | undefined)?.pageInfo.endCursor ?? '';
  expect(cursor).not.toBe('');
  const good = await http(
    {
      query: 'query ($after: String) { myFeed(after: $after) { edges { cursor } } }',
      variables: { after: cursor },
    },
    ada.token,
  );
  expect(good.errors).toEqual([]);

  const flipped = cursor.slice(0, 3) + (cursor[3] === 'A' ? 'B' : 'A') + cursor.slice(4);
  const forged = [
    flipped,
    cursor.slice(0, -1),
    `${cursor}A`,
    `${cursor}=`,
    ` ${cursor}`,
    Buffer.from('0').toString('base64url'),
    Buffer.alloc(24, 0xff).toString('base64url'),
    '',
    '0',
    "' OR 1=1",
    '{"$gt":""}',
    'x'.repeat(100_000),
  ];
  const fields = ['myFeed', 'friendsFeed'];
  for (const cursor of forged)
    for (const field of fields)
      for (const [argument, given] of [
        ['after', 'after: $cursor'],
        ['before', 'last: 5, before: $cursor'],
      ] as const) {
        const query = `query ($cursor: String) { ${field}(${given}) { edges { cursor } } }`;
        const answer = await http({ query, variables: { cursor } }, ada.token);
        expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: argument });
        expect(answer.text).not.toContain('cursor"');
      }
  // Ada's, in Ben's feed; of her feed, in her friends' feed and in a list of followers.
  for (const [query, token] of [
    ['query ($after: String) { myFeed(after: $after) { edges { cursor } } }', ben.token],
    ['query ($after: String) { friendsFeed(after: $after) { edges { cursor } } }', ada.token],
    ['query ($after: String) { me { followers(after: $after) { edges { cursor } } } }', ada.token],
    ['query ($after: String) { me { feed(after: $after) { edges { cursor } } } }', ben.token],
  ] as const) {
    for (const [argument, asked] of [
      ['after', query],
      ['before', query.replaceAll('after', 'before')],
    ] as const) {
      const answer = await http({ query: asked, variables: { [argument]: cursor } }, token);
      expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: argument });
    }
  }
});

test('row 12 a live feed does not begin at a forged cursor', async () => {
  const answer = await (asks.WebSocket as Ask)(
    { query: 'subscription { friendsFeed(after: "AAAA") { cursor } }' },
    ada.token,
  );
  expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
});

const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}';

test.each([
  ['SQL', "Robert'); DROP TABLE posts;--"],
  ['right-to-left marks', 'abc\u202Edef\u202C\u200F'],
  ['a query operator', '{"$ne":1}'],
  ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['a template', '#{7*7}{{7*7}}%n%s'],
  ['emoji and marks', `${family} e\u0301 \u{10FFFF}`],
  ['line ends', 'a\r\nb\u2028c'],
  ['5,000 of the longest emoji', '👨🏽‍👩🏽‍👧🏽‍👦🏽'.repeat(5_000)],
])('row 13 %s is stored exactly as text', async (_what, body) => {
  const { activity, post } = await published(body);
  const read = await http(
    { query: 'query ($id: ID!) { post(id: $id) { body } }', variables: { id: post.id } },
    ben.token,
    { 'x-read-after': activity.id },
  );
  expect(read.data).toEqual({ post: { body } });
});

test.each([
  ['NUL', 'a\u0000b'],
  ['100,000 combining marks', `a${'\u0301'.repeat(100_000)}`],
  ['89,000 combining marks', `a${'\u0301'.repeat(89_000)}`],
  ['11 combining marks', `a${'\u0301'.repeat(11)}`],
  ['nothing', ''],
  ['spaces', '   '],
  ['a zero-width space', '\u200b'],
  ['a Hangul filler', '\u3164'],
  ['a blank Braille pattern', '\u2800'],
  ['what shows nothing', ' \u200b\u3164\u2800\ufe0f\n'],
  ['5,001 characters', 'x'.repeat(5_001)],
])('row 13 %s is refused', async (_what, body) => {
  const answer = await publish(http, ada, body);
  expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'body' });
  expect(answer.took).toBeLessThan(1_000);
});

test('row 13 lone surrogates are refused, as JSON escapes and as text in the document', async () => {
  for (const half of ['\ud800', '\udc00', 'x\udbffy']) {
    expect((await publish(http, ada, half)).errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'body',
    });
    const escaped = [...half].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
    const inline = await http(
      { query: `mutation { publishPost(input: { body: "${escaped}" }) { activity { id } } }` },
      ada.token,
    );
    expect(['GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT']).toContain(inline.code);
  }
});

test('row 13 objects where text is wanted', async () => {
  for (const body of [{ $ne: 1 }, ['x'], 1, true])
    expect((await publish(http, ada, body)).code).toBe('BAD_USER_INPUT');
  const login = await http({
    query: 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
    variables: { input: { handle: { $gt: '' }, password: { $gt: '' } } },
  });
  expect(login.code).toBe('BAD_USER_INPUT');
});
