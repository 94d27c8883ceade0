import type { Documents } from '@rookery/document-store';
import type { Feeds } from '@rookery/feeds';
import { feedKey, relationId, type Shapes, threadOf } from '@rookery/read-models';
import { expect } from 'vitest';
import type { Model } from '../model/social.ts';
import { toggleNames, toggles } from '../model/toggles.ts';

/** All documents of one collection by id. */
const everything = async <N extends keyof Shapes>(
  documents: Documents,
  name: N,
): Promise<Map<string, Shapes[N]>> => {
  const all = new Map<string, Shapes[N]>();
  for await (const batch of documents.collection<Shapes[N]>(name).scan(500)) {
    for (const { id, doc } of batch) all.set(id, doc);
  }
  return all;
};

export const epochOf = async (documents: Documents): Promise<number> =>
  (await documents.collection<Shapes['progress']>('progress').getMany(['feeds'])).get('feeds')?.doc.epoch ??
  0;

/**
 * Begins the first epoch of the feeds. A projector does so if it finds events ahead of the first checkpoint, and a test whose
 * feeds must stay cannot know whether one will.
 */
export const beginEpoch = async (documents: Documents): Promise<void> => {
  await documents
    .collection<Shapes['progress']>('progress')
    .putMany([{ id: 'feeds', revision: 0, doc: { position: 0, at: new Date(0).toISOString(), epoch: 1 } }]);
};

/** Fills the feed of a reader from the documents, as a reader does, unless it is held already. */
export const fillFeed = async (
  documents: Documents,
  feeds: Feeds,
  reader: string,
  cap = 1_000,
): Promise<void> => {
  const epoch = await epochOf(documents);
  await feeds.fill(feedKey(reader, epoch), async (join) => {
    const followed = await documents
      .collection<Shapes['follows']>('follows')
      .page({ where: { actor: reader, active: true }, orderBy: 'position', direction: 'asc', limit: 1_000 });
    if (followed.length === 0) return [];
    await join(followed.map(({ doc }) => feedKey(doc.object, epoch)));
    const items = await documents.collection<Shapes['items']>('items').page({
      where: { actor: followed.map(({ doc }) => doc.object), active: true },
      orderBy: 'position',
      direction: 'desc',
      limit: cap,
    });
    return items.map(({ id, doc }) => ({ itemId: id, position: doc.position ?? 0 }));
  });
};

/** Returns the feed of a reader in Redis as `POST post` and `SHARE post`; undefined if it is not ready. */
export const feedOf = async (
  documents: Documents,
  feeds: Feeds,
  reader: string,
): Promise<string[] | undefined> => (await entriesOf(documents, feeds, reader))?.map(({ text }) => text);

interface Entry {
  readonly actor: string | null | undefined;
  readonly text: string;
}

const entriesOf = async (
  documents: Documents,
  feeds: Feeds,
  reader: string,
): Promise<Entry[] | undefined> => {
  const { ready, entries } = await feeds.entriesBefore(
    feedKey(reader, await epochOf(documents)),
    undefined,
    1_000,
  );
  if (!ready) return undefined;
  const items = await documents
    .collection<Shapes['items']>('items')
    .getMany(entries.map(({ itemId }) => itemId));
  return entries.map(({ itemId }) => {
    const item = items.get(itemId)?.doc;
    const text = item?.active ? `${item.verb} ${item.post}` : `not active: ${itemId}`;
    return { actor: item?.actor, text };
  });
};

/** Returns what a page shows of a feed: a post that was on its way during an unfollow may be left in Redis. */
const shownFeedOf = async (
  documents: Documents,
  feeds: Feeds,
  reader: string,
): Promise<string[] | undefined> => {
  const entries = await entriesOf(documents, feeds, reader);
  const ids = (entries ?? []).flatMap(({ actor }) => (actor ? [relationId(reader, actor)] : []));
  const follows = await documents.collection<Shapes['follows']>('follows').getMany([...new Set(ids)]);
  const isFollowed = (actor: Entry['actor']): boolean =>
    !actor || follows.get(relationId(reader, actor))?.doc.active === true;
  return entries?.filter(({ actor }) => isFollowed(actor)).map(({ text }) => text);
};

const onOnly = (relations: Map<string, Shapes['likes']>): Set<string> =>
  new Set(
    [...relations.values()].flatMap(({ actor, object, active }) => (active ? [`${actor} ${object}`] : [])),
  );

/** Returns the texts that the documents have of a post, oldest first. */
const textsOf = (
  { author, body, first, editedAt }: Shapes['posts'],
  history: Shapes['histories'] | undefined,
): (string | undefined)[] => {
  if (author === null || body === null) return [];
  if (editedAt === null) return [body];
  return [first, ...(history?.edits[author] ?? []).map(({ body }) => body).toReversed()];
};

/** The documents and the counts are exactly what the model says. */
export const expectDocuments = async (documents: Documents, expected: Model, eventIds: readonly string[]) => {
  const [users, posts, histories, counts, activities] = await Promise.all([
    everything(documents, 'users'),
    everything(documents, 'posts'),
    everything(documents, 'histories'),
    everything(documents, 'counts'),
    everything(documents, 'activities'),
  ]);
  const known = [...users].flatMap(([id, { handle, name, bio }]) =>
    handle === null ? [] : [[id, { handle, name, bio }] as const],
  );
  expect(new Map(known)).toEqual(expected.users);
  const published = [...posts].flatMap(([id, post]) => {
    const { author, body, inReplyTo, position, deleted, editedAt, mentions = [], hashtags = [] } = post;
    const texts = textsOf(post, histories.get(id));
    const flags = { deleted, edited: editedAt !== null, hidden: post.hidden === true };
    const thread = threadOf(id, post);
    return author === null
      ? []
      : [[id, { author, body, inReplyTo, thread, position, ...flags, texts, mentions, hashtags }] as const];
  });
  expect(new Map(published)).toEqual(expected.posts);
  const relations = await Promise.all(
    toggleNames.map(async (name) => [name, await everything(documents, toggles[name].collection)] as const),
  );
  for (const [name, found] of relations)
    expect([name, onOnly(found)]).toEqual([name, expected.relations[name]]);
  for (const [id, { n }] of counts) {
    const [kind = '', of = ''] = id.split(':');
    expect([id, n]).toEqual([id, expected.sizes[kind]?.(of)]);
  }
  // No set is without a count either.
  for (const pair of expected.relations.follow) {
    const [actor, object] = pair.split(' ');
    expect([counts.has(`followers:${object}`), counts.has(`following:${actor}`)]).toEqual([true, true]);
  }
  for (const pair of expected.relations.like) expect(counts.has(`likes:${pair.split(' ')[1]}`)).toBe(true);
  for (const { author } of expected.posts.values()) expect(counts.has(`posts:${author}`)).toBe(true);
  expect([...activities.keys()].sort()).toEqual([...eventIds].sort());
};

/** These readers' feeds in Redis are ready, and pages show exactly what the model says. */
export const expectFeeds = async (
  documents: Documents,
  feeds: Feeds,
  expected: Model,
  readers: readonly string[],
) => {
  for (const reader of readers) {
    expect([reader, await shownFeedOf(documents, feeds, reader)]).toEqual([
      reader,
      expected.friendsFeed(reader),
    ]);
  }
};
