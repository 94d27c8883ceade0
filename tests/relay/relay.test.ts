import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiSchemaOf } from '@rookery/schema/compose';
import { buildClientSchema, getIntrospectionQuery, parse, printSchema, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ask, overHttp } from '../support/clients/raw-client.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { type Compiled, compileRelay } from './compile.ts';
import { relayFiles } from './documents.ts';
import { openRelayStore } from './store.ts';

const supergraph = fileURLToPath(import.meta.resolve('@rookery/schema/supergraph.graphql'));

let folder: string;
let compiled: Compiled;
let system: SharedSystem;
let introspected: TestGateway;
let http: Ask;
let ada: Account;
let ben: Account;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-relay-'));
  compiled = await compileRelay(
    folder,
    printSchema(apiSchemaOf(await readFile(supergraph, 'utf8'))),
    relayFiles,
  );
  system = await sharedSystem();
  // One that answers introspection, which needs no subgraph.
  introspected = await startGateway({
    options: { supergraph: await readFile(supergraph, 'utf8'), subgraphs: {} },
  });
  http = overHttp(system.gatewayUrl);
  [ada, ben] = [await system.signUp(), await system.signUp()];
});
afterAll(async () => {
  await introspected?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Common part of the responses of these tests. */
interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string; readonly post?: { readonly id: string; readonly body: string } };
}
interface Page {
  readonly edges: readonly Edge[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}
interface Payload {
  readonly activity?: { readonly id: string };
  readonly feedEdge?: Edge | null;
  readonly replyEdge?: Edge | null;
  readonly followingEdge?: Edge | null;
  readonly followerEdge?: Edge | null;
  readonly deletedPostId?: string | null;
  readonly removedItemKey?: string | null;
  readonly unfollowedUserId?: string | null;
}

/** Sends an operation as Relay compiled it. */
const send = async (by: Account, name: string, variables: object, headers = {}) => {
  const query = compiled.texts.get(name);
  if (query === undefined) throw new Error(`no operation ${name}`);
  const answer = await http({ query, operationName: name, variables }, by.token, headers);
  expect(answer.errors, name).toEqual([]);
  return { data: answer.data ?? {}, stale: JSON.parse(answer.text).extensions?.stale === true };
};
const write = async (
  by: Account,
  name: string,
  input: object,
  headers = {},
): Promise<Payload & { readonly stale: boolean }> => {
  const { data, stale } = await send(by, name, { input }, headers);
  const [payload] = Object.values(data) as [Payload];
  return { ...payload, stale };
};
const after = ({ activity }: Payload) => ({ 'x-read-after': activity?.id ?? '' });
const publish = async (by: Account, body: string, more = {}): Promise<string> => {
  const { feedEdge } = await write(by, 'WritePublishMutation', { body, ...more });
  return feedEdge?.node.post?.id ?? '';
};
const thread = async (id: string, variables: object): Promise<Page> => {
  const { data } = await send(ada, 'ThreadPaginationQuery', { id, ...variables });
  return (data.node as { replies: Page }).replies;
};
const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);

test('relay-compiler accepts every document, and what it makes of them is valid here', async () => {
  expect(compiled.texts.size).toBeGreaterThanOrEqual(17);
  const { data } = await introspected.ask(getIntrospectionQuery({ specifiedByUrl: true }));
  const schema = buildClientSchema(data as unknown as Parameters<typeof buildClientSchema>[0]);
  for (const [name, text] of compiled.texts) expect(validate(schema, parse(text)), name).toEqual([]);
});

test('introspection says what a DateTime is', async () => {
  const { data } = await introspected.ask('{ __type(name: "DateTime") { specifiedByURL } }');
  expect(data).toEqual({
    __type: { specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html' },
  });
});

describe('pages', () => {
  test('of one list in both directions, with the variables that Relay sends', async () => {
    const post = await publish(ada, 'a question');
    const replies: string[] = [];
    for (let i = 0; i < 5; i++) replies.push(await publish(ben, `answer ${i}`, { inReplyTo: post }));
    const none = { first: null, after: null, last: null, before: null };
    const first = await thread(post, { ...none, first: 2 });
    expect(idsOf(first)).toEqual(replies.slice(0, 2));
    expect(first.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
    const next = await thread(post, { ...none, first: 2, after: first.pageInfo.endCursor });
    expect(idsOf(next)).toEqual(replies.slice(2, 4));
    expect(next.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
    const back = await thread(post, { ...none, last: 2, before: next.pageInfo.startCursor });
    expect(back).toMatchObject({
      edges: first.edges,
      pageInfo: { hasPreviousPage: false, hasNextPage: true },
    });
    const last = await thread(post, { ...none, last: 2 });
    expect(idsOf(last)).toEqual(replies.slice(3));
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  });

  test('node refetches what a list shows, by the id that it shows', async () => {
    const post = await publish(ada, 'found again');
    const { data } = await send(ben, 'ThreadQuery', { id: post });
    expect(data.node).toMatchObject({ __typename: 'Post', id: post, body: 'found again' });
    const person = await send(ben, 'ProfileQuery', { id: ada.id });
    expect(person.data.node).toMatchObject({ __typename: 'User', id: ada.id, handle: ada.handle });
  });
});

test('a Relay store with the getDataID of the docs changes its lists by payloads alone', async () => {
  const warnings = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const cleo = await system.signUp();
    const store = openRelayStore(compiled, async (name, variables) => {
      return { data: (await send(cleo, name, variables)).data };
    });
    const old = await publish(cleo, 'before');
    const feed = await store.open('MyFeedQuery', 'MyFeed_query', {});
    const connection = () => feed.read().myFeed as Page & { readonly __id: string };
    expect(idsOf(connection())).toEqual([old]);
    const feeds = [connection().__id];
    await store.commit('WritePublishMutation', { input: { body: 'after' }, feeds, replies: [] });
    expect(connection().edges.map(({ node }) => node.post?.body)).toEqual(['after', 'before']);
    await store.commit('WriteShareMutation', { input: { postId: old }, feeds });
    expect(connection().edges.map(({ node }) => node.post?.body)).toEqual(['before', 'after', 'before']);
    await store.commit('WriteUnshareMutation', { input: { postId: old }, feeds });
    await store.commit('WriteDeleteMutation', { input: { postId: old }, feeds, replies: [] });
    expect(connection().edges.map(({ node }) => node.post?.body)).toEqual(['after']);
    // Relay warns here if two objects share a record.
    expect(warnings.mock.calls.filter(([text]) => String(text).includes('conflicting types'))).toEqual([]);
  } finally {
    warnings.mockRestore();
  }
});

describe('payloads', () => {
  const myFeed = async (by: Account): Promise<Page> => {
    const { data } = await send(by, 'MyFeedPaginationQuery', { count: 100, cursor: null });
    return data.myFeed as Page;
  };

  test('of a publication have the edges that the lists show', async () => {
    const post = await publish(ada, 'to be answered');
    const { feedEdge, replyEdge, stale } = await write(ben, 'WritePublishMutation', {
      body: 'answered',
      inReplyTo: post,
    });
    expect(stale).toBe(false);
    expect((await myFeed(ben)).edges[0]?.node).toMatchObject(feedEdge?.node ?? { none: true });
    expect(replyEdge).toMatchObject({ cursor: (await thread(post, { last: 1 })).edges[0]?.cursor });
    expect(replyEdge?.node.id).toBe(feedEdge?.node.post?.id);
    const own = await write(ada, 'WritePublishMutation', { body: 'answers nothing' });
    expect(own).toMatchObject({ feedEdge: { node: { post: { body: 'answers nothing' } } }, replyEdge: null });
  });

  test('of a share and of taking it back name the same item', async () => {
    const postId = await publish(ada, 'worth sharing');
    const { feedEdge } = await write(ben, 'WriteShareMutation', { postId });
    expect((await myFeed(ben)).edges[0]?.node).toMatchObject(feedEdge?.node ?? { none: true });
    const { removedItemKey } = await write(ben, 'WriteUnshareMutation', { postId });
    expect(removedItemKey).toBe(`FeedItem:${feedEdge?.node.id}`);
  });

  test('of a deletion name the post and its item', async () => {
    const postId = await publish(ada, 'short-lived');
    const payload = await write(ada, 'WriteDeleteMutation', { postId });
    expect(payload).toMatchObject({ deletedPostId: postId, removedItemKey: `FeedItem:${postId}` });
    const { data } = await send(ada, 'ThreadQuery', { id: postId }, after(payload));
    expect(data.node).toBeNull();
  });

  test('of following and unfollowing have both ends', async () => {
    const { followingEdge, followerEdge } = await write(ben, 'WriteFollowMutation', { userId: ada.id });
    const following = await send(ben, 'ProfileFollowingPaginationQuery', { id: ben.id, count: 1 });
    const followers = await send(ben, 'ProfileFollowersPaginationQuery', { id: ada.id, count: 1 });
    expect(followingEdge).toMatchObject({ node: { id: ada.id } });
    expect((following.data.node as { following: Page }).following.edges).toMatchObject([followingEdge]);
    expect((followers.data.node as { followers: Page }).followers.edges).toMatchObject([followerEdge]);
    const { unfollowedUserId } = await write(ben, 'WriteUnfollowMutation', { userId: ada.id });
    expect(unfollowedUserId).toBe(ada.id);
  });

  test('of a key that comes again after the deletion have no edge, and are not stale', async () => {
    const input = { body: 'once', idempotencyKey: 'once' };
    const { feedEdge } = await write(ada, 'WritePublishMutation', input);
    const deletion = await write(ada, 'WriteDeleteMutation', { postId: feedEdge?.node.id });
    expect(await write(ada, 'WritePublishMutation', input, after(deletion))).toMatchObject({
      feedEdge: null,
      stale: false,
    });
  });

  test('of accepted writes whose edges cannot be read have null, and no error', async () => {
    const post = await publish(ada, 'known before');
    const writes = async () => [
      await write(ben, 'WritePublishMutation', { body: 'unread', inReplyTo: post }),
      await write(ben, 'WriteShareMutation', { postId: post }),
      await write(ben, 'WriteFollowMutation', { userId: ada.id }),
    ];
    const unread = [
      { feedEdge: null, replyEdge: null, stale: true },
      { feedEdge: null, stale: true },
      { followingEdge: null, followerEdge: null, stale: true },
    ];
    await system.kill('query');
    expect(await writes()).toEqual(unread);
    await system.start('query', { READ_AFTER_TIMEOUT: '300' });
    await system.kill('projector', 'SIGSTOP');
    try {
      const [late] = await writes();
      expect(late).toEqual(unread[0]);
    } finally {
      await system.kill('projector', 'SIGCONT');
    }
  });
});
