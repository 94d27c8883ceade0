import { beforeAll, expect, test } from 'vitest';
import { type Answer, type Ask, overHttp } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { publish, publishedIn } from './publish.ts';

let system: SharedSystem;
let ask: Ask;
let ada: Account;
let ben: Account;

beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
  [ada, ben] = [await system.signUp(), await system.signUp()];
});

test('row 23 the same key twice at once: one effect, same answer; with another input CONFLICT', async () => {
  const idempotencyKey = 'row-23';
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => publish(ask, ada, 'once', { idempotencyKey })),
  );
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const { activity } = publishedIn(answers[0] as Answer);
  expect((await publish(ask, ada, 'twice', { idempotencyKey })).code).toBe('CONFLICT');
  const feed = await ask(
    { query: '{ myFeed(first: 100) { edges { node { post { body } } } } }' },
    ada.token,
    {
      'x-read-after': activity.id,
    },
  );
  expect(feed.text.split('"once"')).toHaveLength(2);
  expect(feed.text).not.toContain('twice');
  // Another's key is another key.
  expect((await publish(ask, ben, 'mine', { idempotencyKey })).errors).toEqual([]);
});

test('row 24 like toggled hundreds of times in parallel: the count is exact', async () => {
  const { post } = publishedIn(await publish(ask, ada, 'liked'));
  const toggle = (field: 'likePost' | 'unlikePost', by: Account) =>
    ask(
      {
        query: `mutation ($id: ID!) { ${field}(input: { postId: $id }) { activity { id } } }`,
        variables: { id: post.id },
      },
      by.token,
    );
  const send = async (count: number, by: Account): Promise<void> => {
    for (let n = 0; n < count; n++) await toggle(n % 2 === 0 ? 'likePost' : 'unlikePost', by);
  };
  const each = propertyRuns(50);
  await Promise.all(Array.from({ length: 20 }, (_, n) => send(each, n % 2 === 0 ? ada : ben)));
  // The last decision counts.
  const last = [await toggle('likePost', ada), await toggle('unlikePost', ben)];
  const ids = last.map(
    ({ data }) => Object.values(data as Record<string, { activity: { id: string } }>)[0]?.activity.id,
  );
  const read = (by: Account) =>
    ask(
      { query: 'query ($id: ID!) { post(id: $id) { likeCount viewerLikes } }', variables: { id: post.id } },
      by.token,
      { 'x-read-after': ids.join(',') },
    );
  expect((await read(ada)).data).toEqual({ post: { likeCount: 1, viewerLikes: true } });
  expect((await read(ben)).data).toEqual({ post: { likeCount: 1, viewerLikes: false } });
});

test('row 24 nobody follows themself', async () => {
  const answer = await ask(
    {
      query: 'mutation ($id: ID!) { followUser(input: { userId: $id }) { activity { id } } }',
      variables: { id: ada.id },
    },
    ada.token,
  );
  expect(answer.errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'userId' });
});

test('row 28 a handle taken by many at once, in other letter case, with look-alike letters: one wins', async () => {
  const signUp = async (handle: string): Promise<Answer> => {
    const answer = await ask({
      query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { handle } } }',
      variables: { input: { handle, name: 'cat', password: 'a long password' } },
    });
    // On a busy machine Postgres may be late.
    return answer.code === 'SERVICE_UNAVAILABLE' ? signUp(handle) : answer;
  };
  const handles = ['modern_cat1', 'Modern_Cat1', 'MODERN_CATL', 'ｍodern_cat1', 'modem_catl', 'm0dern_cat1'];
  /** Cyrillic letters among them: no handles, whoever has the one that they look like. */
  const others = ['mоdern_cat1', 'modern_сat1', 'МODERN_CAT1'];
  const answers = await Promise.all([...handles, ...others].map(signUp));
  const lost = answers.filter(({ data }) => !data?.signUp);
  expect(lost).toHaveLength(answers.length - 1);
  for (const [i, { code, data }] of answers.entries())
    if (!data?.signUp)
      expect(i < handles.length ? ['CONFLICT'] : ['CONFLICT', 'BAD_USER_INPUT']).toContain(code);
  // Once it is taken, all that look like it are told so.
  for (const handle of [...handles, ...others]) {
    const { errors } = await signUp(handle);
    expect(errors[0]?.extensions, handle).toEqual({ code: 'CONFLICT', field: 'handle' });
  }
});
