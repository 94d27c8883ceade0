import type { PageRequest, Stored } from '@rookery/document-store';
import {
  type CollectionName,
  type PersonDoc,
  type PostDoc,
  type RelationDoc,
  relationId,
  searchForPeople,
  searchForPosts,
} from '@rookery/read-models';
import { project, projections } from '@rookery/read-models/reducers';
import { maySeeActsOf } from '@rookery/read-models/visibility';
import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, history, posts, record, users } from '../../../tests/support/events/recorded-events.ts';
import { tellingHistories } from '../../../tests/support/events/telling-histories.ts';
import { type Model, model } from '../../../tests/support/model/social.ts';
import { hydrateActsOf } from './hydrate.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import { show, showAll } from './pipeline.ts';
import type { Reader } from './read-store.ts';
import { hashtagsIn } from './reads/hashtag.ts';
import { textsOf } from './reads/revisions.ts';
import {
  followView,
  foundPostView,
  foundUserView,
  friendsItemView,
  hiddenReplyView,
  itemView,
  mentionView,
  postView,
  quotedView,
  quoteView,
  reactionView,
  replyView,
  requestView,
  threadReplyView,
  threadView,
  userView,
} from './views.ts';

/** Words of the texts and names of these histories. */
const words = ['rook', 'crow', 'jay', 'and'];

type Doc = Readonly<Record<string, unknown>>;
type Documents = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** The documents that projections make of these events, in batches that end at `cut`. */
const projected = (events: readonly RecordedEvent[], cut = 0): Documents =>
  new Map(
    projections.flatMap((projection) => {
      const first = project(projection, events.slice(0, cut));
      return [...project(projection, events.slice(cut), first)];
    }),
  );

/** Returns the document of a count of replies, which the projections of this test do not make. */
const replyCountOf = (documents: Documents, id: string) => {
  const posts = [...(documents.get('posts')?.values() ?? [])] as PostDoc[];
  const isCounted = ({ inReplyTo, deleted, visibility, hidden, moderated }: PostDoc): boolean =>
    `replies:${inReplyTo}` === id &&
    !deleted &&
    visibility === undefined &&
    !hidden &&
    moderated === undefined;
  return { n: posts.filter(isCounted).length };
};

const readerOf = (documents: Documents): Reader => {
  const collection = (name: CollectionName) => ({
    getMany: async (ids: readonly string[]) =>
      new Map(
        ids.flatMap((id): [string, Stored<unknown>][] => {
          const doc = name === 'counts' ? replyCountOf(documents, id) : documents.get(name)?.get(id);
          return doc === undefined ? [] : [[id, { id, revision: 1, doc }]];
        }),
      ),
    // The words that somebody mutes are few, and may come in any order.
    page: async ({ where }: Pick<PageRequest, 'where'>) =>
      [...(documents.get(name) ?? [])].flatMap(([id, doc]) => {
        const isWanted = Object.entries(where).every(([field, value]) => (doc as Doc)[field] === value);
        return isWanted ? [{ id, revision: 1, doc }] : [];
      }),
  });
  return { collection } as unknown as Reader;
};

/** Everything that the rules let a viewer see, through the views by which pages, single reads and live delivery show it. */
const seen = async (documents: Documents, loaders: Loaders, viewer: string) => {
  const items = [...(documents.get('items') ?? [])].flatMap(([itemId, item]) => {
    const { position } = item as { readonly position: number | null };
    return position === null ? [] : [{ itemId, position }];
  });
  items.sort((a, b) => b.position - a.position);
  const follows = [...(documents.get('follows') ?? [])] as [string, Parameters<typeof followed>[0]][];
  const followed = (follow: {
    readonly actor: string;
    readonly object: string;
    readonly pending?: true;
  }) => ({
    position: 1,
    follow: follow as never,
    user: follow.object,
  });
  const shown = async (view: ReturnType<typeof itemView>) =>
    (await showAll(view, items)).flatMap((item) =>
      item ? [`${item.actor.id} ${item.verb} ${item.post.id}`] : [],
    );
  const reactions = (name: 'likes' | 'shares') => {
    const entries = [...(documents.get(name) ?? [])] as [string, RelationDoc][];
    const isListed = async ([id, reaction]: [string, RelationDoc]) =>
      (await show(reactionView(loaders), { position: 1, reaction })) ? [id] : [];
    return Promise.all(entries.map(isListed)).then((ids) => ids.flat().sort());
  };
  /** The hashtags by which the index of posts finds a post. */
  const indexed = (post: string): readonly string[] =>
    (documents.get('posts')?.get(post) as PostDoc | undefined)?.hashtags ?? [];
  /** Returns the ids of the documents by which an index finds a word. */
  const withWord = (collection: 'posts' | 'people', [term = '']: readonly string[]) =>
    [...((documents.get(collection) ?? []) as Iterable<[string, PostDoc | PersonDoc]>)].flatMap(
      ([id, { terms = [] }]) => (terms.includes(term) ? [id] : []),
    );
  return {
    searched: await Promise.all(
      words.map(async (word) => [
        (await showAll(foundPostView(loaders), withWord('posts', searchForPosts(word).terms)))
          .flatMap((post) => post?.id ?? [])
          .sort(),
        (await showAll(foundUserView(loaders), withWord('people', searchForPeople(word).terms)))
          .flatMap((user) => user?.id ?? [])
          .sort(),
      ]),
    ),
    likers: await reactions('likes'),
    sharers: await reactions('shares'),
    friendsFeed: await shown(friendsItemView(loaders, viewer) as unknown as ReturnType<typeof itemView>),
    items: await shown(itemView(loaders)),
    posts: (await showAll(postView(loaders), posts)).map((post) => post?.id),
    replies: (await showAll(replyView(loaders), posts)).map((post) => post !== undefined),
    hiddenReplies: (await showAll(hiddenReplyView(loaders), posts)).map((post) => post !== undefined),
    quoted: await Promise.all(
      (await showAll(postView(loaders), posts)).map(
        async (post) =>
          post?.quotes &&
          (await show(quotedView(loaders), { id: post.quotes, quotedBy: post.author.id }))?.id,
      ),
    ),
    quotes: (await showAll(quoteView(loaders), posts)).flatMap((post) =>
      post?.quotes ? [[post.id, post.quotes]] : [],
    ),
    quotePolicies: await Promise.all(
      posts.map(async (post) => (await loaders.posts.load(post))?.quotePolicy ?? 'EVERYONE'),
    ),
    policies: await Promise.all(
      posts.map(async (post) => (await loaders.posts.load(post))?.replyPolicy ?? 'EVERYONE'),
    ),
    found: (await showAll(foundPostView(loaders), posts)).flatMap((post) =>
      post ? [[post.id, hashtagsIn(post).map(({ name }) => name), indexed(post.id)]] : [],
    ),
    mentions: await Promise.all(
      (await showAll(postView(loaders), posts)).map(
        async (post) => post && (await showAll(mentionView(loaders), post.mentions)).map((user) => user?.id),
      ),
    ),
    thread: (await showAll(threadReplyView(loaders), posts)).map(
      (place) => place && ('author' in place ? 'Post' : 'Tombstone'),
    ),
    texts: await Promise.all(
      (await showAll(postView(loaders), posts)).map(
        async (post) => post && (await textsOf(loaders, post.id)).map(({ body }) => body).sort(),
      ),
    ),
    places: (await showAll(threadView(loaders), posts)).map((place) => place && 'author' in place),
    requests: await Promise.all(
      users.map(async (user) => {
        const asking = follows.flatMap(([, { actor, object, pending }]) =>
          object === user && pending ? [actor] : [],
        );
        const shownRequests = await showAll(requestView(loaders), asking);
        return shownRequests.flatMap((each) => each?.id ?? []).sort();
      }),
    ),
    actsOf: await Promise.all(users.map(async (user) => maySeeActsOf(await hydrateActsOf(loaders, user)))),
    users: (await showAll(userView(loaders), users)).map((user) => user?.id),
    followings: (
      await Promise.all(
        follows.map(async ([id, follow]) =>
          (await show(followView(loaders), followed(follow))) ? [id] : [],
        ),
      )
    )
      .flat()
      .sort(),
  };
};

/** The same, by the model of the history. */
const expected = (facts: Model, viewer: string) => {
  const isThere = (person: string) => facts.users.has(person) && !facts.moderated.has(person);
  const isOpen = (person: string) => isThere(person) && !facts.isBlocked(viewer, person);
  const isGone = (post: string) => {
    const { author, deleted } = facts.posts.get(post) ?? { author: '', deleted: true };
    return deleted || (facts.moderated.has(post) && author !== viewer);
  };
  const isShown = (post: string) => {
    const { author } = facts.posts.get(post) ?? { author: '' };
    return !isGone(post) && isOpen(author) && facts.isFor(viewer, post);
  };
  const itemsOf = (actors: readonly string[]) =>
    new Set(
      actors.filter(isOpen).flatMap((actor) =>
        facts
          .ownFeed(actor)
          .filter((entry) => isShown(entry.split(' ')[1] ?? ''))
          .filter((entry) => entry.startsWith('POST') || facts.areActsFor(viewer, actor))
          .map((entry) => `${actor} ${entry}`),
      ),
    );
  const isMuted = (person: string) => facts.relations.mute.has(`${viewer} ${person}`);
  /** Returns whether no block between the two authors hides the quote of a post. */
  const mayQuoteShow = (post: string) => {
    const [by, of] = [post, facts.quoteOf(post) ?? ''].map((id) => facts.posts.get(id)?.author ?? '');
    return !facts.isBlocked(by ?? '', of ?? '');
  };
  /** Returns whether the author or a word keeps a post away that the viewer has not asked for. */
  const isUnheard = (post: string) =>
    isMuted(facts.posts.get(post)?.author ?? '') || facts.mutesWordOf(viewer, post);
  const reactions = (pairs: ReadonlySet<string>) =>
    [...pairs].filter((pair) => isOpen(pair.split(' ')[0] ?? '')).map((pair) => pair.replace(' ', ':'));
  const hasWord = (text: string | null, word: string) =>
    text?.toLowerCase().replaceAll('#', '').split(' ').includes(word) ?? false;
  return {
    searched: words.map((word) => [
      posts.filter((post) => {
        const { body = null } = facts.posts.get(post) ?? {};
        return facts.isSearched(post) && hasWord(body, word) && isShown(post) && !isUnheard(post);
      }),
      users.filter((user) => {
        const { name = '', handle = '' } = facts.users.get(user) ?? {};
        return hasWord(`${name} ${handle}`, word) && isOpen(user);
      }),
    ]),
    likers: reactions(facts.relations.like).sort(),
    sharers: reactions(facts.relations.share).sort(),
    friendsFeed: new Set(
      [...itemsOf(users.filter((person) => !isMuted(person)))].filter((entry) => {
        const [actor = '', verb, post = ''] = entry.split(' ');
        const isBelonging = facts.belongsInFriendsFeed(viewer, actor, verb as 'POST' | 'SHARE', post);
        return isBelonging && !isUnheard(post) && !facts.mutesThread(viewer, post);
      }),
    ),
    replies: posts.map((post) => isShown(post) && !isUnheard(post) && facts.staysInThreadFor(viewer, post)),
    hiddenReplies: posts.map(
      (post) => isShown(post) && !isUnheard(post) && facts.posts.get(post)?.hidden === true,
    ),
    quoted: posts.map((post) => {
      const quoted = facts.quoteOf(post);
      if (!isShown(post) || quoted === undefined) return isShown(post) ? null : undefined;
      return isShown(quoted) && mayQuoteShow(post) ? quoted : undefined;
    }),
    quotes: posts.flatMap((post) => {
      const quoted = facts.quoteOf(post);
      return quoted && isShown(post) && !isUnheard(post) && mayQuoteShow(post) ? [[post, quoted]] : [];
    }),
    quotePolicies: posts.map((post) => (facts.posts.has(post) ? facts.quotePolicy(post) : 'EVERYONE')),
    policies: posts.map((post) => (facts.posts.has(post) ? facts.replyPolicy(post) : 'EVERYONE')),
    thread: posts.map((post) => {
      const { author = '' } = facts.posts.get(post) ?? {};
      const deleted = facts.posts.has(post) && isGone(post);
      const isAnswered = (facts.sizes.replies?.(post) ?? 0) > 0;
      if (!facts.staysInThreadFor(viewer, post)) return undefined;
      if (deleted) return isOpen(author) && facts.isFor(viewer, post) && isAnswered ? 'Tombstone' : undefined;
      return isShown(post) && !isUnheard(post) ? 'Post' : undefined;
    }),
    found: posts.flatMap((post) => {
      const { hashtags = [] } = facts.posts.get(post) ?? {};
      return isShown(post) && !isUnheard(post) ? [[post, hashtags, hashtags]] : [];
    }),
    texts: posts.map((post) => (isShown(post) ? facts.posts.get(post)?.texts.toSorted() : undefined)),
    mentions: posts.map((post) =>
      isShown(post)
        ? facts.posts.get(post)?.mentions.map((user) => (isOpen(user) ? user : undefined))
        : undefined,
    ),
    items: itemsOf(users),
    posts: posts.map((post) => (isShown(post) ? post : undefined)),
    places: posts.map(isShown),
    requests: users.map((user) =>
      users.filter((asker) => facts.requests.has(`${asker} ${user}`) && isOpen(asker)),
    ),
    actsOf: users.map((user) => !facts.isBlocked(viewer, user) && facts.areActsFor(viewer, user)),
    users: users.map((user) =>
      isThere(user) && (user === viewer || !facts.relations.block.has(`${user} ${viewer}`))
        ? user
        : undefined,
    ),
    followings: [...facts.relations.follow]
      .flatMap((pair) => {
        const [actor = '', object = ''] = pair.split(' ');
        return isOpen(object) ? [relationId(actor, object)] : [];
      })
      .sort(),
  };
};

describe('what a viewer is shown', () => {
  it('is what the model says, for any history with blocks, and after a rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(30), async (events, cut) => {
        const facts = model(events);
        for (const documents of [projected(events, cut), projected(events.toReversed())]) {
          for (const viewer of users) {
            const loaders = createLoaders(readerOf(documents), viewer);
            const { friendsFeed, items, ...others } = await seen(documents, loaders, viewer);
            const right = expected(facts, viewer);
            expect({ ...others, friendsFeed: new Set(friendsFeed), items: new Set(items) }).toEqual(right);
            expect(items).toHaveLength(right.items.size);
          }
        }
      }),
      { numRuns: 100, examples: tellingHistories.map((events) => [events, events.length - 1]) },
    );
  });

  it('leaves a share by a friend out of the friends feed if the viewer mutes its author', async () => {
    const [viewer = '', author = '', sharer = ''] = users;
    const [post = ''] = posts;
    const signUp = (id: string): Fact => ({
      ...{ name: 'rookery.user.signed-up', actor: id, subject: id, id, at: 0 },
      data: { handle: `u${id.at(-1)}`, name: 'Somebody' },
    });
    const facts: Fact[] = [
      ...[viewer, author, sharer].map(signUp),
      {
        ...{ name: 'rookery.post.published', actor: author, subject: post, id: post, at: 1 },
        data: { body: 'caw' },
      },
      { name: 'rookery.post.shared', actor: sharer, subject: post, at: 2, data: {} },
      { name: 'rookery.user.followed', actor: viewer, subject: sharer, at: 3, data: {} },
    ];
    const feedAfter = async (...more: Fact[]) => {
      const documents = projected(record([...facts, ...more]));
      return (await seen(documents, createLoaders(readerOf(documents), viewer), viewer)).friendsFeed;
    };
    const mute = { name: 'rookery.user.muted', actor: viewer, at: 4, data: {} } as const;
    expect(await feedAfter()).toEqual([`${sharer} SHARE ${post}`]);
    expect(await feedAfter({ ...mute, subject: author })).toEqual([]);
    expect(await feedAfter({ ...mute, subject: sharer })).toEqual([]);
  });

  it('costs one call for all relations of a page, however many others the viewer blocks', async () => {
    const asked: string[] = [];
    const ids = ['1', '2', '3', '4'].map((n) => `b0000000-0000-4000-8000-00000000000${n}`);
    const [viewer = '', author = '', sharer = ''] = users;
    const docs: Record<string, (id: string) => object> = {
      items: (id) => ({
        ...{ actor: sharer, verb: 'SHARE', post: id, at: '', position: 1 },
        active: true,
      }),
      posts: () => ({ author, createdAt: '', body: 'hello', deleted: false, position: 1, inReplyTo: null }),
      users: () => ({ handle: 'ada', joinedAt: '' }),
    };
    const collection = (name: string) => ({
      getMany: async (wanted: readonly string[]) => {
        asked.push(name);
        return new Map(
          wanted.flatMap((id) =>
            docs[name] ? [[id, { id, revision: 1, doc: docs[name](id) }] as const] : [],
          ),
        );
      },
    });
    const loaders = createLoaders({ collection } as unknown as Reader, viewer);
    const entries = ids.map((itemId) => ({ itemId, position: 1 }));
    expect((await showAll(itemView(loaders), entries)).map((item) => item?.post.id)).toEqual(ids);
    expect(asked.filter((name) => name === 'blocks')).toHaveLength(1);
    asked.length = 0;
    const anonymous = createLoaders({ collection } as unknown as Reader, null);
    expect((await showAll(itemView(anonymous), entries)).map((item) => item?.post.id)).toEqual(ids);
    expect(asked).not.toContain('blocks');
  });
});
