import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collections } from '@rookery/read-models';
import { cloneDir } from '@rookery/stack';
import { buildSchema, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { freshMongoUrl, startSystem, useServers } from '../support/index.ts';
import { type MongoCommand, tapMongo } from '../support/servers/mongo-tap.ts';

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
      const answer = await client.ask<Record<string, { activity: { id: string } }>>(
        `mutation ($input: ${type}!) { ${field}(input: $input) { activity { id } } }`,
        { input },
      );
      last = answer[field]?.activity.id ?? '';
      return last;
    };
    const ask = async <T>(document: string, variables: Record<string, unknown> = {}): Promise<T> => {
      noteFields(document);
      return reader.ask<T>(document, variables, { 'x-read-after': last });
    };
    await act(reader, 'followUser', 'UserInput', { userId: ada.id });
    const postId = await act(author, 'publishPost', 'PublishPostInput', { body: 'one' });
    await act(reader, 'publishPost', 'PublishPostInput', { body: 'reply', inReplyTo: postId });
    for (const field of ['likePost', 'sharePost', 'bookmarkPost'])
      await act(reader, field, 'PostInput', { postId });

    const user = 'id handle name bio joinedAt followerCount followingCount postCount viewerFollows';
    const post = `id body createdAt editedAt likeCount shareCount replyCount viewerLikes viewerShared viewerBookmarked
    author { ${user} } inReplyTo { id } parent { __typename } replies { edges { node { id } } }`;
    const item = `cursor node { id verb actor { ${user} } post { ${post} } }`;
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
    const groups = `id kind verb actors { ${user} } actorCount post { id } reply { id } isNew at`;
    await ask(
      `{ notifications { edges { cursor node { ${groups} } } unreadCount readMarker } notificationSettings { kind from } }`,
    );
    await ask('{ friendsFeed { readMarker newCount } }');
    await ask(`{ user(handle: "ada") { ${user} } }`);
    await ask('query ($id: ID!) { user(id: $id) { id } }', { id: ada.id });
    await ask(`query ($id: ID!) { post(id: $id) { ${post} } node(id: $id) { id } }`, { id: postId });
    await ask('query ($id: ID!) { activity(id: $id) { id status verb position } }', { id: last });

    const opened = [
      'subscription ($after: String) { friendsFeed(after: $after) { cursor node { post { body } } } }',
      'subscription ($after: String) { friendsFeedEvents(after: $after) { kind postId post { body } } }',
    ];
    const { friendsFeed } = await ask<{ friendsFeed: { pageInfo: { startCursor: string } } }>(
      '{ friendsFeed { pageInfo { startCursor } } }',
    );
    await using streams = new AsyncDisposableStack();
    const live = opened.map((document) => {
      noteFields(document);
      return streams.use(reader.live(document, { after: friendsFeed.pageInfo.startCursor }));
    });
    const document = 'subscription ($id: ID!) { post(id: $id) { body likeCount } }';
    noteFields(document);
    const watching = streams.use(reader.live(document, { id: postId }));
    const heard = Promise.all([...live, watching].map((one) => one.next(60_000)));
    await act(author, 'publishPost', 'PublishPostInput', { body: 'two' });
    await act(author, 'likePost', 'PostInput', { postId });
    await act(author, 'editPost', 'EditPostInput', { postId, body: 'three' });
    await heard;

    const wanted = ['Query', 'Subscription'].flatMap((name) =>
      Object.keys(
        (name === 'Query' ? schema.getQueryType() : schema.getSubscriptionType())?.getFields() ?? {},
      ).map((field) => `${name}.${field}`),
    );
    expect(wanted.filter((field) => !covered.has(field))).toEqual([]);

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
