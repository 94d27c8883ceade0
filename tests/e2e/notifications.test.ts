import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { type SharedSystem, sharedSystem } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';

interface Group {
  readonly id: string;
  readonly kind: string;
  readonly verb: string;
  readonly actors: readonly { readonly handle: string }[];
  readonly actorCount: number;
  readonly post: { readonly body: string } | null;
  readonly reply: { readonly body: string } | null;
  readonly isNew: boolean;
}
interface Groups {
  readonly edges: readonly { readonly cursor: string; readonly node: Group }[];
  readonly unreadCount: number;
  readonly readMarker: string | null;
  readonly pageInfo: { readonly startCursor: string; readonly hasNextPage: boolean };
}

const names = ['ada', 'ben', 'cyd', 'dan'] as const;
type Name = (typeof names)[number];
let system: SharedSystem;
const clients = {} as Record<Name, Client>;
const ids = {} as Record<Name, string>;
const group = 'id kind verb actors { handle } actorCount post { body } reply { body } isNew';
/** The activity that the next read must see. */
let last = '';

beforeAll(async () => {
  system = await sharedSystem();
  for (const name of names) {
    const { id, token } = await system.signUp(name);
    ids[name] = id;
    clients[name] = new Client(system.gatewayUrl, token);
  }
});

const act = async (by: Name, field: string, type: string, input: object): Promise<string> => {
  last = (await clients[by].act(field, type, input)).activity.id;
  return last;
};
const publish = (by: Name, body: string, inReplyTo?: string) =>
  act(by, 'publishPost', 'PublishPostInput', { body, ...(inReplyTo ? { inReplyTo } : {}) });
const onPost = (by: Name, field: string, postId: string) => act(by, field, 'PostInput', { postId });
const onUser = (by: Name, field: string, of: Name) => act(by, field, 'UserInput', { userId: ids[of] });
const set = (by: Name, kind: string, from: string) =>
  act(by, 'setNotifications', 'SetNotificationsInput', { kind, from });
const mark = (by: Name, field: string, cursor: string) => act(by, field, 'MarkReadInput', { cursor });

const read = async (by: Name, args = ''): Promise<Groups> => {
  const { notifications } = await clients[by].ask<{ notifications: Groups }>(
    `{ notifications${args} { edges { cursor node { ${group} } } unreadCount readMarker pageInfo { startCursor hasNextPage } } }`,
    {},
    { 'x-read-after': last },
  );
  return notifications;
};
/** Returns groups as `KIND: actors of their number`. */
const told = ({ edges }: Pick<Groups, 'edges'>): string[] =>
  edges.map(({ node }) => `${node.kind}: ${node.actors.map(({ handle }) => handle)} of ${node.actorCount}`);

describe('notifications', () => {
  let post = '';

  it('group by kind and post what others do, and nothing of oneself', async () => {
    post = await publish('ada', 'caw');
    await onPost('ada', 'likePost', post);
    await publish('ada', 'to myself', post);
    expect((await read('ada')).edges).toEqual([]);
    await onUser('ben', 'followUser', 'ada');
    await onPost('ben', 'likePost', post);
    await onPost('cyd', 'likePost', post);
    await publish('cyd', 'caw caw', post);
    await onPost('dan', 'sharePost', post);
    await onPost('dan', 'likePost', post);
    const page = await read('ada');
    expect(told(page)).toEqual([
      'LIKE: dan,cyd,ben of 3',
      'SHARE: dan of 1',
      'REPLY: cyd of 1',
      'FOLLOW: ben of 1',
    ]);
    expect(page.edges[2]?.node).toEqual({
      ...{ id: `REPLY:${post}`, kind: 'REPLY', verb: 'POST', actors: [{ handle: 'cyd' }], actorCount: 1 },
      ...{ post: { body: 'caw' }, reply: { body: 'caw caw' }, isNew: true },
    });
    expect(page).toMatchObject({ unreadCount: 4, readMarker: null });
    // Repeating an act changes nothing about it.
    await onPost('cyd', 'likePost', post);
    expect(told(await read('ada'))).toEqual(told(page));
    expect((await read('ben')).edges).toEqual([]);
  });

  it('come in pages in both directions', async () => {
    const all = await read('ada');
    const [first, second, third] = all.edges;
    const pages = [
      [`(first: 2)`, all.edges.slice(0, 2)],
      [`(first: 2, after: "${second?.cursor}")`, all.edges.slice(2)],
      [`(last: 1, before: "${second?.cursor}")`, [first]],
      [`(first: 9, after: "${first?.cursor}", before: "${third?.cursor}")`, [second]],
    ] as const;
    for (const [args, edges] of pages) expect([args, (await read('ada', args)).edges]).toEqual([args, edges]);
  });

  it('leave out what is taken back, blocked or muted, and come back after it', async () => {
    await onPost('dan', 'unlikePost', post);
    expect(told(await read('ada'))).toContain('LIKE: cyd,ben of 2');
    await onUser('ada', 'muteUser', 'cyd');
    expect(told(await read('ada')).toSorted()).toEqual([
      'FOLLOW: ben of 1',
      'LIKE: ben of 1',
      'SHARE: dan of 1',
    ]);
    await onUser('dan', 'blockUser', 'ada');
    expect(told(await read('ada')).toSorted()).toEqual(['FOLLOW: ben of 1', 'LIKE: ben of 1']);
    expect((await read('ada')).unreadCount).toBe(2);
    await onUser('dan', 'unblockUser', 'ada');
    await onUser('ada', 'unmuteUser', 'cyd');
    expect(told(await read('ada')).toSorted()).toEqual([
      ...['FOLLOW: ben of 1', 'LIKE: cyd,ben of 2', 'REPLY: cyd of 1', 'SHARE: dan of 1'],
    ]);
  });

  it('come from whom the settings say, and those of others are in a list of their own', async () => {
    await onUser('ada', 'followUser', 'ben');
    await set('ada', 'LIKE', 'FOLLOWED');
    await set('ada', 'SHARE', 'NOBODY');
    expect(told(await read('ada')).toSorted()).toEqual([
      'FOLLOW: ben of 1',
      'LIKE: ben of 1',
      'REPLY: cyd of 1',
    ]);
    expect(told(await read('ada', '(list: OTHERS)')).toSorted()).toEqual([
      'LIKE: cyd of 1',
      'REPLY: cyd of 1',
    ]);
    const query = '{ notificationSettings { kind from } }';
    expect(await clients.ada.ask(query, {}, { 'x-read-after': last })).toEqual({
      notificationSettings: [
        ...[
          { kind: 'FOLLOW', from: 'EVERYONE' },
          { kind: 'FOLLOW_REQUEST', from: 'EVERYONE' },
          { kind: 'LIKE', from: 'FOLLOWED' },
        ],
        ...[
          { kind: 'SHARE', from: 'NOBODY' },
          { kind: 'REPLY', from: 'EVERYONE' },
          { kind: 'QUOTE', from: 'EVERYONE' },
        ],
        { kind: 'MENTION', from: 'EVERYONE' },
        { kind: 'EDIT', from: 'EVERYONE' },
      ],
    });
    await set('ada', 'LIKE', 'EVERYONE');
    await set('ada', 'SHARE', 'EVERYONE');
  });

  it('tell those who share a post of an edit', async () => {
    await act('ada', 'editPost', 'EditPostInput', { postId: post, body: 'cawed' });
    expect(told(await read('dan'))).toEqual(['EDIT: ada of 1']);
    expect((await read('dan')).edges[0]?.node.post).toEqual({ body: 'cawed' });
    expect(told(await read('cyd'))).toEqual([]);
  });

  it('tell of a mention, once, and not of one in a reply to oneself', async () => {
    const mention = await publish('ben', 'hello @cyd');
    expect(told(await read('cyd'))).toEqual(['MENTION: ben of 1']);
    await act('ben', 'editPost', 'EditPostInput', { postId: mention, body: 'hello again @cyd' });
    const [group] = (await read('cyd')).edges;
    expect(group?.node).toMatchObject({ verb: 'POST', post: { body: 'hello again @cyd' }, isNew: true });
    await publish('dan', 'hello @ben', mention);
    expect(told(await read('ben'))).toEqual(['REPLY: dan of 1', 'FOLLOW: ada of 1']);
    await act('ben', 'editPost', 'EditPostInput', { postId: mention, body: 'hello all' });
    expect(told(await read('cyd'))).toEqual([]);
  });

  it('tell of requests to follow until they are answered', async () => {
    await act('dan', 'updateProfile', 'UpdateProfileInput', { protected: true });
    // Commands ask the documents whether an account is protected.
    await read('dan');
    for (const by of ['ada', 'ben', 'cyd'] as const) await onUser(by, 'followUser', 'dan');
    const requests = async () =>
      (await read('dan')).edges.filter(({ node }) => node.kind === 'FOLLOW_REQUEST');
    expect(told({ edges: await requests() })).toEqual(['FOLLOW_REQUEST: cyd,ben,ada of 3']);
    expect((await requests())[0]?.node).toMatchObject({ verb: 'REQUEST_FOLLOW', post: null, isNew: true });
    await onUser('dan', 'approveFollow', 'cyd');
    await onUser('dan', 'rejectFollow', 'ben');
    expect(told({ edges: await requests() })).toEqual(['FOLLOW_REQUEST: ada of 1']);
    await onUser('ada', 'unfollowUser', 'dan');
    await onUser('cyd', 'unfollowUser', 'dan');
    expect(await requests()).toEqual([]);
    await act('dan', 'updateProfile', 'UpdateProfileInput', { protected: false });
  });

  it('tell of a sign-in, which no setting switches off', async () => {
    const signIns = async (args?: string) =>
      (await read('cyd', args)).edges.filter(({ node }) => node.kind === 'SIGN_IN');
    expect(await signIns()).toEqual([]);
    const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { user { id } } }';
    await clients.cyd.ask(logIn, { input: { handle: 'cyd', password: 'cyd secret' } });
    const [group] = await eventually(async () => {
      const found = await signIns();
      return found.length > 0 ? found : undefined;
    });
    expect(group?.node).toMatchObject({
      ...{ id: `SIGN_IN:${ids.cyd}`, verb: 'SIGN_IN', actors: [{ handle: 'cyd' }], actorCount: 1 },
      ...{ post: null, isNew: true },
    });
    expect(await signIns('(list: OTHERS)')).toEqual([]);
    await expect(set('cyd', 'SIGN_IN', 'NOBODY')).rejects.toThrow('BAD_USER_INPUT');
  });

  it('are new until they are marked as read, on all devices, whatever the order of the marks', async () => {
    const before = await read('ada');
    const [newest, older] = before.edges;
    expect(before.unreadCount).toBe(4);
    const answer = await clients.ada.ask(
      'mutation ($input: MarkReadInput!) { markNotificationsRead(input: $input) { activity { verb } marker { list cursor newCount } } }',
      { input: { cursor: newest?.cursor, idempotencyKey: 'read' } },
    );
    expect(answer).toEqual({
      markNotificationsRead: {
        activity: { verb: 'MARK_READ' },
        marker: { list: 'NOTIFICATIONS', cursor: newest?.cursor, newCount: 0 },
      },
    });
    await mark('ada', 'markNotificationsRead', older?.cursor ?? '');
    expect(await read('ada')).toMatchObject({ unreadCount: 0, readMarker: newest?.cursor });
    await onUser('cyd', 'followUser', 'ada');
    const after = await read('ada');
    expect(told(after)[0]).toBe('FOLLOW: cyd,ben of 2');
    expect(after.edges.map(({ node }) => node.isNew)).toEqual([true, false, false, false]);
    expect(after.unreadCount).toBe(1);
    await onUser('cyd', 'unfollowUser', 'ada');
    expect((await read('ada')).unreadCount).toBe(0);
  });

  it('come live, from a cursor on, once each', async () => {
    const { pageInfo } = await read('ada');
    const query = `subscription ($after: String) { notifications(after: $after) { cursor node { ${group} } } }`;
    type Told = { notifications: { cursor: string; node: Group } };
    await onPost('dan', 'likePost', post);
    let cursor = '';
    {
      await using live = clients.ada.live<Told>(query, { after: pageInfo.startCursor });
      const [first] = [await live.next()];
      expect(told({ edges: [first.notifications] })).toEqual(['LIKE: dan,cyd,ben of 3']);
      await onUser('ada', 'muteUser', 'cyd');
      await publish('cyd', 'not heard', post);
      await publish('ben', 'heard', post);
      const { notifications } = await live.next();
      expect(notifications.node).toMatchObject({ kind: 'REPLY', reply: { body: 'heard' }, actorCount: 1 });
      cursor = notifications.cursor;
    }
    await onUser('ada', 'unmuteUser', 'cyd');
    await onPost('ben', 'sharePost', post);
    await using again = clients.ada.live<Told>(query, { after: cursor });
    expect(told({ edges: [(await again.next()).notifications] })).toEqual(['SHARE: ben,dan of 2']);
  });

  it('come live within 2 s of an edit of a post that was shared meanwhile', async () => {
    type Told = { notifications: { cursor: string; node: Group } };
    const query = `subscription ($after: String) { notifications(after: $after) { cursor node { ${group} } } }`;
    await using live = clients.dan.live<Told>(query, { after: (await read('dan')).pageInfo.startCursor });
    const stranger = await publish('ben', 'first');
    // The first group shows that the stream is open.
    await publish('ben', 'hello @dan');
    expect(told({ edges: [(await live.next()).notifications] })).toEqual(['MENTION: ben of 1']);
    await onPost('dan', 'sharePost', stranger);
    await read('dan');
    const elapsedMs = startStopwatch();
    await act('ben', 'editPost', 'EditPostInput', { postId: stranger, body: 'second' });
    const { node } = (await live.next()).notifications;
    expect(node).toMatchObject({ kind: 'EDIT', post: { body: 'second' } });
    expect(elapsedMs()).toBeLessThan(2_000);
  });
});

describe('the read marker of the friends feed', () => {
  interface Feed {
    readonly friendsFeed: {
      readonly edges: readonly {
        readonly cursor: string;
        readonly node: { readonly actor: { readonly id: string } };
      }[];
      readonly readMarker: string | null;
      readonly newCount: number;
    };
  }
  const readFeed = async () => {
    const query = '{ friendsFeed { edges { cursor node { actor { id } } } readMarker newCount } }';
    return (await clients.dan.ask<Feed>(query, {}, { 'x-read-after': last })).friendsFeed;
  };

  it('never moves back, is told live, and what comes after it is new', async () => {
    await onUser('dan', 'followUser', 'cyd');
    for (const body of ['one', 'two', 'three']) await publish('cyd', body);
    const { edges, ...first } = await readFeed();
    const others = edges.filter(({ node }) => node.actor.id !== ids.dan);
    expect(first).toEqual({ readMarker: null, newCount: others.length });
    await using live = clients.dan.live<{ readMarkers: object }>(
      'subscription { readMarkers { list cursor newCount } }',
    );
    const heard = live.next();
    const [newest, second] = edges;
    await mark('dan', 'markFeedRead', second?.cursor ?? '');
    expect(await readFeed()).toMatchObject({ readMarker: second?.cursor, newCount: 1 });
    const marker = { list: 'FRIENDS_FEED', cursor: second?.cursor, newCount: 1 };
    expect(await heard).toEqual({ readMarkers: marker });
    // All at once, and the oldest last: the newest counts.
    const cursors = edges.map(({ cursor }) => cursor);
    await Promise.all(cursors.map((cursor) => mark('dan', 'markFeedRead', cursor)));
    await mark('dan', 'markFeedRead', edges.at(-1)?.cursor ?? '');
    expect(await readFeed()).toMatchObject({ readMarker: newest?.cursor, newCount: 0 });
    await publish('cyd', 'four');
    expect(await readFeed()).toMatchObject({ readMarker: newest?.cursor, newCount: 1 });
    await onUser('dan', 'muteUser', 'cyd');
    expect((await readFeed()).newCount).toBe(0);
    const own = await clients.dan.ask('{ myFeed { readMarker newCount } }');
    expect(own).toEqual({ myFeed: { readMarker: null, newCount: null } });
  });
});
