import type { EventData, EventName } from '@rookery/schema/events';
import fc from 'fast-check';
import { type Fact, id, lists, posts, users, words } from './cast.ts';

/* The events of random histories. */

export const user = fc.constantFrom(...users);
export const post = fc.constantFrom(...posts);
const list = fc.constantFrom(...lists);
// The range is narrow, so that equal times occur and clocks disagree with positions.
export const at = fc.nat(6);
export const word = fc.constantFrom(...words);
export const text = fc.oneof(word, fc.constantFrom('#Rook', 'a #crow and a #ROOK'));
export const mentions = fc.uniqueArray(user, { maxLength: 2 });

const owners = new Map([...posts, ...lists].map((own, i) => [own, users[i % posts.length] ?? '']));

/** Somebody, most often the one person to whom the post or list may belong: what others do to it mostly changes nothing. */
export const mostlyOwner = (own: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(owners.get(own) ?? '') }, { weight: 1, arbitrary: user });

type DataOf<N extends EventName> = fc.Arbitrary<EventData<N>>;

const happens = <N extends EventName>(
  name: N,
  subject: fc.Arbitrary<string>,
  data: DataOf<N>,
): fc.Arbitrary<Fact> =>
  fc.record({ name: fc.constant(name), actor: user, subject, at, data }) as fc.Arbitrary<Fact>;

/** Events mostly by owners. */
const owned = <N extends EventName>(
  name: N,
  subject: fc.Arbitrary<string>,
  data: DataOf<N>,
): fc.Arbitrary<Fact> =>
  subject.chain((own) =>
    fc.record({ name: fc.constant(name), actor: mostlyOwner(own), subject: fc.constant(own), at, data }),
  ) as fc.Arbitrary<Fact>;

const nothing = fc.constant({}) as fc.Arbitrary<never>;

/** Far enough away that the time of the test does not matter. */
const until = fc.record(
  { until: fc.constantFrom('2999-01-01T00:00:00.000Z', '2999-01-02T00:00:00.000Z') },
  { requiredKeys: [] },
);

/** Words that people mute, of which texts have some. */
const mutedWords = ['rook', '#crow', 'and a'] as const;
const wordMute: fc.Arbitrary<Fact> = fc
  .tuple(user, fc.nat(mutedWords.length - 1), at, fc.boolean(), until)
  .map(([actor, n, at, on, until]): Fact => {
    const word = mutedWords[n] ?? '';
    // The subject stands for actor and word.
    const common = { actor, subject: id('d', 10 * users.indexOf(actor) + n), at };
    return on
      ? { name: 'rookery.user.word-muted', ...common, data: { word, ...until } }
      : { name: 'rookery.user.word-unmuted', ...common, data: { word } };
  });

const reason = fc.record({ reason: word });
const barred = fc.record({ hashtag: fc.constantFrom('rook', 'crow'), reason: word });
const unchecked = fc.constantFrom({}, { unchecked: true as const });
const anything = fc.oneof(user, post);

/** Kinds of things that happen, by what they are about. Those of one subject decide together what is shown. */
const byTopic: Readonly<Record<string, readonly fc.Arbitrary<Fact>[]>> = {
  texts: [
    owned('rookery.post.edited', post, fc.record({ body: text, mentions }, { requiredKeys: ['body'] })),
    owned('rookery.post.deleted', post, nothing),
  ],
  reactions: [
    happens('rookery.post.liked', post, nothing),
    happens('rookery.post.unliked', post, nothing),
    happens('rookery.post.shared', post, nothing),
    happens('rookery.post.unshared', post, nothing),
    happens('rookery.user.shares-hidden', user, nothing),
    happens('rookery.user.shares-shown', user, nothing),
  ],
  shelves: [
    happens('rookery.post.bookmarked', post, nothing),
    happens('rookery.post.unbookmarked', post, nothing),
    owned('rookery.post.pinned', post, nothing),
    owned('rookery.post.unpinned', post, nothing),
  ],
  follows: [
    happens('rookery.user.followed', user, fc.constantFrom({}, {}, { unchecked: true as const })),
    happens('rookery.user.unfollowed', user, nothing),
    happens('rookery.user.follow-requested', user, nothing),
    happens('rookery.user.follow-approved', user, nothing),
    happens('rookery.user.follow-rejected', user, nothing),
  ],
  blocks: [happens('rookery.user.blocked', user, nothing), happens('rookery.user.unblocked', user, nothing)],
  mutes: [
    wordMute,
    happens('rookery.user.muted', user, until),
    happens('rookery.user.unmuted', user, nothing),
    happens('rookery.post.thread-muted', post, until),
    happens('rookery.post.thread-unmuted', post, nothing),
  ],
  threads: [
    owned('rookery.post.reply-hidden', post, unchecked),
    owned('rookery.post.reply-unhidden', post, unchecked),
    happens('rookery.post.reply-hidden', post, unchecked),
    happens('rookery.post.quote-revoked', post, nothing),
    owned(
      'rookery.post.policy-set',
      post,
      fc.record(
        {
          replies: fc.constantFrom('EVERYONE', 'FOLLOWERS', 'NOBODY'),
          quotes: fc.constantFrom('EVERYONE', 'FOLLOWERS', 'NOBODY'),
        },
        { requiredKeys: [] },
      ),
    ),
  ],
  lists: [
    owned('rookery.list.renamed', list, fc.record({ name: word })),
    owned('rookery.list.deleted', list, nothing),
    ...(
      ['rookery.list.member-added', 'rookery.list.member-added', 'rookery.list.member-removed'] as const
    ).map((name) => owned(name, list, fc.record({ member: user }))),
  ],
  moderation: [
    happens('rookery.post.hidden', post, reason),
    happens('rookery.post.unhidden', post, reason),
    happens('rookery.user.suspended', user, reason),
    happens('rookery.user.unsuspended', user, reason),
    happens('rookery.hashtag.barred', anything, barred),
    happens('rookery.hashtag.allowed', anything, barred),
    happens(
      'rookery.report.made',
      anything,
      fc.record({ about: fc.constantFrom('POST', 'USER'), category: fc.constantFrom('SPAM', 'HATE') }),
    ),
    happens(
      'rookery.report.resolved',
      anything,
      fc.record({
        outcome: fc.constantFrom('ACTION_TAKEN', 'NO_VIOLATION'),
        reason: word,
        reporters: fc.uniqueArray(user, { maxLength: 2 }),
      }),
    ),
  ],
  accounts: [
    happens('rookery.user.handle-changed', user, fc.record({ handle: word })),
    happens(
      'rookery.user.profile-updated',
      user,
      fc.record({ name: word, bio: fc.option(word), protected: fc.boolean() }, { requiredKeys: [] }),
    ),
    happens('rookery.user.signed-in', user, nothing),
  ],
  choices: [
    happens(
      'rookery.user.list-read',
      user,
      fc.record({ list: fc.constantFrom('friends-feed', 'notifications'), upTo: fc.nat(30) }),
    ),
    happens(
      'rookery.user.friends-feed-set',
      user,
      fc.record({ part: fc.constantFrom('OWN_ITEMS', 'REPLIES_TO_OTHERS'), isShown: fc.boolean() }),
    ),
    happens(
      'rookery.user.notifications-set',
      user,
      fc.record({
        kind: fc.constantFrom('LIKE', 'REPLY', 'FOLLOW_REQUEST', 'SIGN_IN'),
        from: fc.constantFrom('EVERYONE', 'FOLLOWED', 'NOBODY'),
      }),
    ),
  ],
};

const topics = Object.keys(byTopic);
const about = (chosen: readonly string[], minLength = 0): fc.Arbitrary<Fact[]> => {
  const kinds = chosen.flatMap((topic) => byTopic[topic] ?? []);
  return fc.array(fc.oneof(...kinds), { minLength, maxLength: 30, size: 'max' });
};

/** Most histories are about few things, so that these meet: among all that can happen, hardly two events would. */
export const randomFacts: fc.Arbitrary<Fact[]> = fc.oneof(
  { weight: 1, arbitrary: about(topics) },
  {
    weight: 3,
    arbitrary: fc.subarray(topics, { minLength: 1, maxLength: 4 }).chain((some) => about(some, 10)),
  },
);
