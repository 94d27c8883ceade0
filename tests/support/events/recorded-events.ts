import {
  type EventData,
  type EventKind,
  type EventName,
  eventKinds,
  makeEvent,
  type RecordedEvent,
} from '@rookery/schema/events';
import fc from 'fast-check';

/** There are few users and posts, so that all collisions occur. */
const id = (kind: string, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const users = [1, 2, 3, 4].map((n) => id('a', n));
export const posts = [1, 2, 3].map((n) => id('b', n));

/** An event without its position: its kind, actor, subject and time. */
export interface Fact<N extends EventName = EventName> {
  readonly name: N;
  readonly actor: string;
  readonly subject: string;
  /** Milliseconds after an arbitrary start. */
  readonly at: number;
  readonly data: EventData<N>;
  /** Id of the event. Arbitrary if the id has no meaning. */
  readonly id?: string;
}

/** Records facts in this order, at contiguous positions. */
export const record = (facts: readonly Fact[], first = 1): RecordedEvent[] =>
  facts.map(({ at, id: own, ...fact }, i) => ({
    position: first + i,
    recordedAt: '2026-01-02T00:00:00.000Z',
    event: makeEvent({
      ...fact,
      id: own ?? id('e', first + i),
      time: new Date(Date.UTC(2026, 0, 1) + at).toISOString(),
    }),
  }));

const user = fc.constantFrom(...users);
const post = fc.constantFrom(...posts);
const lists = [id('c', 1), id('c', 2)];
const list = fc.constantFrom(...lists);
// The range is narrow, so that equal times occur and clocks disagree with positions.
const at = fc.nat(6);
const words = fc.constantFrom('rook', 'crow', 'jay', 'daw');
const text = fc.oneof(words, fc.constantFrom('#Rook', 'a #crow and a #ROOK'));
const mentions = fc.uniqueArray(user, { maxLength: 2 });
const about = (name: EventName, subject: fc.Arbitrary<string>): fc.Arbitrary<Fact> =>
  fc.record({ name: fc.constant(name), actor: user, subject, at, data: fc.constant({}) });

/** Kinds of events that say all by their name. */
const bareKinds = Object.values<EventKind>(eventKinds)
  .filter(({ example, name }) => Object.keys(example as object).length === 0 && !name.includes('.list.'))
  .map(({ name }) => name as EventName);

/** Words that people mute, of which texts have some. */
const mutedWords = ['rook', '#crow', 'and a'] as const;
/** Far enough away that the time of the test does not matter. */
const until = fc.record(
  { until: fc.constantFrom('2999-01-01T00:00:00.000Z', '2999-01-02T00:00:00.000Z') },
  { requiredKeys: [] },
);
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
const moderated = (name: EventName, subject: fc.Arbitrary<string>): fc.Arbitrary<Fact> =>
  fc.record({ name: fc.constant(name), actor: user, subject, at, data: fc.record({ reason: words }) });

const fact: fc.Arbitrary<Fact> = fc.oneof(
  wordMute,
  ...bareKinds.map((name) => about(name, name.startsWith('rookery.user.') ? user : post)),
  fc.record({
    name: fc.constant('rookery.user.muted' as const),
    actor: user,
    subject: user,
    at,
    data: until,
  }),
  fc.record({
    name: fc.constant('rookery.post.thread-muted' as const),
    actor: user,
    subject: post,
    at,
    data: until,
  }),
  fc.record({
    name: fc.constant('rookery.user.list-read' as const),
    actor: user,
    subject: user,
    at,
    data: fc.record({
      list: fc.constantFrom('friends-feed' as const, 'notifications' as const),
      upTo: fc.nat(30),
    }),
  }),
  fc.record({
    name: fc.constant('rookery.list.renamed' as const),
    actor: user,
    subject: list,
    at,
    data: fc.record({ name: words }),
  }),
  fc.record({
    name: fc.constant('rookery.list.deleted' as const),
    actor: user,
    subject: list,
    at,
    data: fc.constant({}),
  }),
  fc.record({
    name: fc.constantFrom('rookery.list.member-added' as const, 'rookery.list.member-removed' as const),
    actor: user,
    subject: list,
    at,
    data: fc.record({ member: user }),
  }),
  fc.record({
    name: fc.constant('rookery.user.friends-feed-set' as const),
    actor: user,
    subject: user,
    at,
    data: fc.record({
      part: fc.constantFrom('OWN_ITEMS' as const, 'REPLIES_TO_OTHERS' as const),
      isShown: fc.boolean(),
    }),
  }),
  fc.record({
    name: fc.constant('rookery.user.notifications-set' as const),
    actor: user,
    subject: user,
    at,
    data: fc.record({
      kind: fc.constantFrom('LIKE' as const, 'REPLY' as const, 'FOLLOW_REQUEST' as const, 'SIGN_IN' as const),
      from: fc.constantFrom('EVERYONE' as const, 'FOLLOWED' as const, 'NOBODY' as const),
    }),
  }),
  fc.record({
    name: fc.constant('rookery.report.made' as const),
    actor: user,
    subject: fc.oneof(user, post),
    at,
    data: fc.record({
      about: fc.constantFrom('POST' as const, 'USER' as const),
      category: fc.constantFrom('SPAM' as const, 'HATE' as const),
    }),
  }),
  fc.record({
    name: fc.constant('rookery.report.resolved' as const),
    actor: user,
    subject: fc.oneof(user, post),
    at,
    data: fc.record({
      outcome: fc.constantFrom('ACTION_TAKEN' as const, 'NO_VIOLATION' as const),
      reason: words,
      reporters: fc.uniqueArray(user, { maxLength: 2 }),
    }),
  }),
  ...(['rookery.post.hidden', 'rookery.post.unhidden'] as const).map((name) => moderated(name, post)),
  ...(['rookery.user.suspended', 'rookery.user.unsuspended'] as const).map((name) => moderated(name, user)),
  fc.record({
    name: fc.constant('rookery.post.policy-set' as const),
    actor: user,
    subject: post,
    at,
    data: fc.record(
      {
        replies: fc.constantFrom('EVERYONE' as const, 'FOLLOWERS' as const, 'NOBODY' as const),
        quotes: fc.constantFrom('EVERYONE' as const, 'NOBODY' as const),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    name: fc.constantFrom('rookery.post.reply-hidden' as const, 'rookery.post.reply-unhidden' as const),
    actor: user,
    subject: post,
    at,
    data: fc.constant({ unchecked: true as const }),
  }),
  fc.record({
    name: fc.constant('rookery.post.edited' as const),
    actor: user,
    subject: post,
    at,
    data: fc.record({ body: text, mentions }, { requiredKeys: ['body'] }),
  }),
  fc.record({
    name: fc.constant('rookery.user.handle-changed' as const),
    actor: user,
    subject: user,
    at,
    data: fc.record({ handle: words }),
  }),
  fc.record({
    name: fc.constant('rookery.user.profile-updated' as const),
    actor: user,
    subject: user,
    at,
    data: fc.record({ name: words, bio: fc.option(words), protected: fc.boolean() }, { requiredKeys: [] }),
  }),
);

const signUp = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.user.signed-up' as const),
    actor: fc.constant(own),
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record({ handle: fc.constant(`u${own.at(-1)}`), name: words }),
  });

const publish = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.post.published' as const),
    actor: user,
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record(
      {
        ...{ body: text, inReplyTo: post, mentions, visibility: fc.constantFrom('FOLLOWERS', 'MENTIONED') },
        ...{ thread: post, threadAuthor: user, replies: fc.constantFrom('FOLLOWED', 'MENTIONED') },
        ...{ quoted: post, quotedAuthor: user, quotes: fc.constantFrom('FOLLOWERS', 'NOBODY') },
      },
      { requiredKeys: ['body'] },
    ),
  });

const createList = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.list.created' as const),
    actor: user,
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record({ name: words }),
  });

/** Lets quotes name the authors of the posts that they quote, as commands do that know them. */
const withQuotedAuthors = (facts: readonly Fact[]): Fact[] => {
  const authors = new Map(
    facts.flatMap(({ name, actor, id }) => (name === 'rookery.post.published' && id ? [[id, actor]] : [])),
  );
  return facts.map((fact) => {
    if (fact.name !== 'rookery.post.published') return fact;
    const { quotedAuthor: isKnown, ...data } = fact.data as EventData<'rookery.post.published'>;
    const quotedAuthor = isKnown && data.quoted ? authors.get(data.quoted) : undefined;
    return { ...fact, data: { ...data, ...(quotedAuthor === undefined ? {} : { quotedAuthor }) } };
  });
};

/** Histories that the event store may hold: each user signs up and each post and list is created at most once. */
export const history: fc.Arbitrary<RecordedEvent[]> = fc
  .tuple(
    fc.array(fact, { maxLength: 30, size: 'max' }),
    fc.subarray(users).chain((some) => fc.tuple(...some.map(signUp))),
    fc.subarray(posts).chain((some) => fc.tuple(...some.map(publish))),
    fc.subarray(lists).chain((some) => fc.tuple(...some.map(createList))),
  )
  .chain(([facts, signUps, publishes, created]) => {
    const all = [...facts, ...signUps, ...publishes, ...created];
    return fc.shuffledSubarray(all, { minLength: all.length });
  })
  .map((facts) => record(withQuotedAuthors(facts)));
