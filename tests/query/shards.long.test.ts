import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collections } from '@rookery/read-models';
import { cloneDir } from '@rookery/stack';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { freshMongoUrl, startSystem, useServers } from '../support/index.ts';
import { type MongoCommand, tapMongo } from '../support/servers/mongo-tap.ts';
import { signUpModerator } from '../support/systems/moderator.ts';

const guide = readFileSync(join(cloneDir, 'docs/how-to/shard-mongodb.md'), 'utf8');

/** Collections that the guide shards. */
const sharded = new Set(
  [...guide.matchAll(/for \(const name of \[([^\]]*)\]\)/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/'(\w+)'/g)].flatMap(([, name]) => name ?? []),
  ),
);

/** Reads that a sharded MongoDB asks of all shards, by collection and fields of the filter, as the guide lists them. */
const askedOfAll = [...guide.matchAll(/^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|/gm)].map(
  ([, collection, fields = '']) =>
    `${collection}: ${fields.replaceAll('`', '').split(', ').sort().join(', ')}`,
);

const reads = new Set(['find', 'aggregate', 'count', 'distinct']);

/** Returns the collection and filter of a read; undefined if the command is none. */
const filterOf = (
  command: MongoCommand,
): { collection: string; filter: Record<string, unknown> } | undefined => {
  const [name = ''] = Object.keys(command);
  if (!reads.has(name)) return undefined;
  const [stage] = (command.pipeline ?? []) as { $match?: Record<string, unknown> }[];
  const filter = (command.filter ?? command.query ?? stage?.$match ?? {}) as Record<string, unknown>;
  return { collection: String(command[name]), filter };
};

const schema = buildSchema(readFileSync(join(cloneDir, 'schema/contract.graphql'), 'utf8'));
const covered = new Set<string>();
const noteFields = (document: string): void => {
  const types = new TypeInfo(schema);
  const note = visitWithTypeInfo(types, {
    Field: ({ name }) => void covered.add(`${types.getParentType()?.name}.${name.value}`),
  });
  visit(parse(document), note);
};

/** Adds a type and all types that its fields lead to. */
const reach = (type: GraphQLNamedType, found: Set<GraphQLNamedType>): Set<GraphQLNamedType> => {
  if (found.has(type)) return found;
  found.add(type);
  if (isAbstractType(type)) for (const each of schema.getPossibleTypes(type)) reach(each, found);
  if (isObjectType(type) || isInterfaceType(type))
    for (const field of Object.values(type.getFields())) reach(getNamedType(field.type), found);
  return found;
};
/** Every field of the API that is read, as `Type.field`; a page's own numbers aside. */
const readFields = [schema.getQueryType(), schema.getSubscriptionType()]
  .flatMap((root) => (root ? [...reach(root, new Set())] : []))
  .filter((type): type is GraphQLObjectType => isObjectType(type) && type.name !== 'PageInfo')
  .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
  .filter((field) => !field.endsWith('Connection.pageInfo'));

it.skipIf(useServers().mongoUrl === undefined)(
  'every read names the shard key, but for those that are listed',
  async () => {
    const url = freshMongoUrl() ?? '';
    await using tap = await tapMongo(url);
    await using system = await startSystem({
      documentsUrl: url,
      envOf: { query: { DOCUMENTS_URL: tap.url } },
    });
    const [ada, ben] = [await system.signUp('ada'), await system.signUp('ben')];
    const [author, reader] = [ada, ben].map(({ token }) => new Client(system.gatewayUrl, token));
    if (!author || !reader) throw new Error('no accounts');
    let last = '';
    const act = async (client: Client, field: string, type: string, input: object) => {
      last = (await client.act(field, type, input)).activity.id;
      return last;
    };
    const ask = async <T>(document: string, variables: Record<string, unknown> = {}): Promise<T> => {
      noteFields(document);
      return reader.ask<T>(document, variables, { 'x-read-after': last });
    };
    await act(reader, 'followUser', 'UserInput', { userId: ada.id });
    const postId = await act(author, 'publishPost', 'PublishPostInput', { body: 'one #tag @ben' });
    const replyId = await act(reader, 'publishPost', 'PublishPostInput', {
      body: 'reply',
      inReplyTo: postId,
    });
    await act(author, 'publishPost', 'PublishPostInput', { body: 'reply to it', inReplyTo: replyId });
    await act(reader, 'publishPost', 'PublishPostInput', { body: 'another #tag' });
    for (const field of ['likePost', 'sharePost', 'bookmarkPost'])
      await act(reader, field, 'PostInput', { postId });
    await act(author, 'pinPost', 'PostInput', { postId });

    const user = `id handle name bio joinedAt protected followerCount followingCount postCount
    viewerFollows viewerFollowState viewerBlocks viewerMutes viewerMutesUntil viewerHidesShares`;
    const post = `id body createdAt editedAt visibility likeCount shareCount replyCount viewerLikes viewerShared viewerBookmarked
    isHiddenReply replyPolicy viewerCanReply viewerMutesThread quoteCount quotePolicy viewerCanQuote quotedPost { id }
    author { ${user} } inReplyTo { id } parent { __typename } replies { edges { node { id } } }
    mentions { handle user { id } } hashtags { name }`;
    const item = `cursor node { id verb at sharerCount sharers { id } actor { ${user} } post { ${post} } }`;
    for (const page of ['first: 1', 'last: 1']) {
      await ask(
        `{ me { ${user} followers(${page}) { edges { node { ${user} } } } following(${page}) { edges { node { id } } } feed(${page}) { edges { ${item} } } } }`,
      );
      await ask(
        `{ myFeed(${page}) { edges { ${item} } } friendsFeed(${page}) { edges { ${item} } } bookmarks(${page}) { edges { node { ${post} } } } }`,
      );
      await ask(
        `{ blockedUsers(${page}) { edges { node { id } } } mutedUsers(${page}) { edges { node { id } } } }`,
      );
    }
    for (const page of ['first: 1', 'last: 1']) {
      const users = `(${page}) { edges { cursor node { ${user} } } }`;
      await ask(
        `query ($id: ID!) { post(id: $id) { likers${users} sharers${users}
          quotes(${page}) { edges { cursor node { id } } }
          hiddenReplies(${page}) { edges { cursor node { id } } }
          revisions(${page}) { edges { cursor node { body at } } }
          thread(${page}) { edges { cursor node { ... on Post { ${post} } } } } } }`,
        { id: postId },
      );
      await ask(`{ hashtag(name: "tag") { name posts(${page}) { edges { cursor node { ${post} } } } } }`);
      await ask(
        `{ followRequests${users} searchUsers(query: "ben", ${page}) { edges { cursor node { id } } } }`,
      );
      await ask(`{ searchPosts(query: "reply", ${page}) { edges { cursor node { ${post} } } } }`);
    }
    await act(reader, 'muteWord', 'MutedWordInput', { word: 'crow' });
    await act(reader, 'createList', 'CreateListInput', { name: 'a list' });
    const listId = last;
    await act(reader, 'addToList', 'ListMemberInput', { listId, userId: ada.id });
    for (const page of ['first: 1', 'last: 1'])
      await ask(
        `query ($id: ID!) { list(id: $id) { id name members(${page}) { edges { cursor node { id } } }
          feed(${page}) { edges { ${item} } } } lists { id } }`,
        { id: listId },
      );
    await ask('{ friendsFeedSettings { part isShown } suggestedUsers { mutualCount user { id } } }');
    const usage = 'usage { people uses isEstimate }';
    await ask(`{ trendingHashtags { hashtag { name ${usage} } ${usage} } }`);
    await ask('{ pushKey mutedWords { word until } searchHashtags(query: "ta") { name } }');
    await ask('query ($id: ID!) { post(id: $id) { ancestors { ... on Post { body } } } }', { id: last });
    await ask(`query ($id: ID!) { user(id: $id) { pinnedPosts { ${post} } } }`, { id: ada.id });
    const groups = `id kind verb actors { ${user} } actorCount post { id } reply { id } quote { id } isNew at`;
    await ask(
      `{ notifications { edges { cursor node { ${groups} } } unreadCount readMarker } notificationSettings { kind from } }`,
    );
    const feed = await ask<{ friendsFeed: { edges: readonly { cursor: string }[] } }>(
      '{ friendsFeed { edges { cursor } } }',
    );
    await act(reader, 'markFeedRead', 'MarkReadInput', { cursor: feed.friendsFeed.edges[0]?.cursor });
    await ask('{ friendsFeed { readMarker newCount } }');
    // A post that is deleted is a tombstone to those who answered it.
    await act(reader, 'deletePost', 'PostInput', { postId: replyId });
    const missing = `id parent { __typename } replies(first: 1) { edges { node { id } } } thread(first: 1) { edges { node { __typename } } }`;
    await ask(
      `query ($id: ID!) { post(id: $id) { thread(first: 2) { edges { node { ... on Tombstone { ${missing} } } } } } }`,
      { id: postId },
    );
    await ask(`{ user(handle: "ada") { ${user} } }`);
    await ask('query ($id: ID!) { user(id: $id) { id } }', { id: ada.id });
    await ask(`query ($id: ID!) { post(id: $id) { ${post} } node(id: $id) { id } }`, { id: postId });
    await ask(
      'query ($id: ID!) { activity(id: $id) { id status verb position reason acceptedAt actor { id } } }',
      { id: last },
    );

    const opened = [
      'subscription ($after: String) { friendsFeed(after: $after) { cursor node { post { body } } } }',
      'subscription ($after: String) { friendsFeedEvents(after: $after) { cursor kind itemId postId actorId item { id } post { body } } }',
    ];
    const { friendsFeed } = await ask<{ friendsFeed: { pageInfo: { startCursor: string } } }>(
      '{ friendsFeed { pageInfo { startCursor } } }',
    );
    await using streams = new AsyncDisposableStack();
    const live = opened.map((document) => {
      noteFields(document);
      return streams.use(reader.live(document, { after: friendsFeed.pageInfo.startCursor }));
    });
    // These begin with what comes after they have opened.
    const watched = [
      'subscription ($id: ID!) { post(id: $id) { body likeCount } }',
      'subscription { notifications { cursor node { id } } }',
      'subscription { readMarkers { list cursor newCount } }',
      'subscription { followRequests { cursor node { id } } }',
    ];
    const watching = watched.map((document) => {
      noteFields(document);
      const variables = document.includes('$id') ? { id: postId } : {};
      return streams.use(reader.live(document, variables));
    });
    let hasHeard = false;
    const heard = Promise.all([...live, ...watching].map((one) => one.next(60_000))).finally(() => {
      hasHeard = true;
    });
    await act(reader, 'updateProfile', 'UpdateProfileInput', { protected: true });
    const cyd = new Client(system.gatewayUrl, (await system.signUp('cyd')).token);
    await act(cyd, 'followUser', 'UserInput', { userId: ben.id });
    for (let n = 2; !hasHeard; n++) {
      await act(author, 'publishPost', 'PublishPostInput', { body: `${n} @ben` });
      await act(author, 'editPost', 'EditPostInput', { postId, body: `edited ${n}` });
      const { friendsFeed: page } = await ask<typeof feed>('{ friendsFeed(first: 1) { edges { cursor } } }');
      await act(reader, 'markFeedRead', 'MarkReadInput', { cursor: page.edges[0]?.cursor });
      for (const field of ['unfollowUser', 'followUser'])
        await act(cyd, field, 'UserInput', { userId: ben.id });
    }
    await heard;
    await ask(`{ followRequests(first: 1) { edges { node { ${user} } } } }`);

    const moderator = new Client(system.gatewayUrl, (await signUpModerator(system)).token);
    const askModerator = async (document: string, variables: Record<string, unknown> = {}) => {
      noteFields(document);
      await moderator.ask(document, variables, { 'x-read-after': last });
    };
    await act(reader, 'reportPost', 'ReportPostInput', { postId, category: 'SPAM' });
    const report = 'about kind category text at outcome reporter { id }';
    await ask(
      `{ myReports(first: 1) { edges { cursor node { ${report} } } } post(id: "${postId}") { hiddenByModerator } }`,
    );
    await askModerator(
      `{ openReports(first: 1) { edges { cursor node { about kind handle body reports { ${report} } } } } }`,
    );
    await act(moderator, 'hidePost', 'ModeratePostInput', { postId, reason: 'Spam.' });
    const entry = 'cursor node { id verb about reason at moderator { id } }';
    await askModerator(`{ moderationLog(first: 1) { edges { ${entry} } } }`);
    await askModerator(
      `query ($about: ID) { moderationLog(about: $about, first: 1) { edges { ${entry} } } }`,
      {
        about: postId,
      },
    );

    expect(readFields.filter((field) => !covered.has(field))).toEqual([]);

    const asked = tap.commands.flatMap((command) => filterOf(command) ?? []);
    expect(asked.length).toBeGreaterThan(50);
    expect(sharded).toContain('bookmarks');
    // Every collection is in one of the lists.
    const unsharded = /^(`\w+`(?:, `\w+`)* and `\w+`) stay unsharded/m.exec(guide)?.[1] ?? '';
    const known = [...sharded, ...[...unsharded.matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? [])];
    expect(known.toSorted()).toEqual(Object.keys(collections).toSorted());
    const unkeyed = asked.flatMap(({ collection, filter }) =>
      '_id' in filter || !sharded.has(collection)
        ? []
        : [`${collection}: ${Object.keys(filter).sort().join(', ')}`],
    );
    expect([...new Set(unkeyed)].sort()).toEqual(askedOfAll.toSorted());
  },
);
