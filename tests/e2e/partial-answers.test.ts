import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { overEvents, overHttp, overWebSocket } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';

let system: SharedSystem;
let ada: Account;

beforeAll(async () => {
  system = await sharedSystem();
  ada = await system.signUp();
});

const transports = [
  ['HTTP', overHttp],
  ['an event stream', overEvents],
  ['WebSocket', overWebSocket],
] as const;

describe.each(transports)('over %s, one refusal hides no other answer', (_name, over) => {
  test('of a mutation: the writes before and after it are answered, in their order', async () => {
    const { data, errors } = await over(system.gatewayUrl)(
      {
        query: `mutation ($missing: ID!) {
          a: publishPost(input: { body: "first" }) { activity { id status } post { id body } }
          b: editPost(input: { postId: $missing, body: "x" }) { activity { id } }
          c: publishPost(input: { body: "second" }) { activity { id status } post { id body } }
          d: followUser(input: { userId: $missing }) { activity { id } }
        }`,
        variables: { missing: newId() },
      },
      ada.token,
    );
    const published = (body: string) => ({
      activity: { id: expect.any(String), status: 'QUEUED' },
      post: { id: expect.any(String), body },
    });
    expect(data).toEqual({ a: published('first'), b: null, c: published('second'), d: null });
    expect(errors.map(({ path, extensions: { code } }) => [path, code])).toEqual([
      [['b'], 'NOT_FOUND'],
      [['d'], 'NOT_FOUND'],
    ]);
  });

  test('of a query without a token: what needs none is answered', async () => {
    const { data, errors } = await over(system.gatewayUrl)({
      query: `query ($id: ID!) {
        user(id: $id) { handle }
        friendsFeed { edges { cursor } }
        mine: myFeed { edges { cursor } }
      }`,
      variables: { id: ada.id },
    });
    expect(data).toEqual({ user: { handle: ada.handle }, friendsFeed: null, mine: null });
    expect(errors.map(({ path, extensions: { code } }) => [path, code])).toEqual([
      [['friendsFeed'], 'UNAUTHENTICATED'],
      [['mine'], 'UNAUTHENTICATED'],
    ]);
  });

  test('of a query with one bad argument: the other fields are answered', async () => {
    const { data, errors } = await over(system.gatewayUrl)(
      {
        query:
          '{ me { id } bad: friendsFeed(first: 0) { edges { cursor } } worse: myFeed(after: "x") { edges { cursor } } }',
      },
      ada.token,
    );
    expect(data).toEqual({ me: { id: ada.id }, bad: null, worse: null });
    expect(errors.map(({ path, extensions: { code, field } }) => [path, code, field])).toEqual([
      [['bad'], 'BAD_USER_INPUT', 'first'],
      [['worse'], 'BAD_USER_INPUT', 'after'],
    ]);
  });
});
