import { type EventData, makeEvent, type RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { type Fact, id, lists, posts, users } from './cast.ts';
import { at, mentions, mostlyOwner, post, randomFacts, text, user, word } from './random-facts.ts';

export { type Fact, posts, users, words } from './cast.ts';

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

const signUp = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.user.signed-up' as const),
    actor: fc.constant(own),
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record({ handle: fc.constant(`u${own.at(-1)}`), name: word }),
  });

const publish = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.post.published' as const),
    actor: mostlyOwner(own),
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record(
      {
        ...{ body: text, inReplyTo: post, mentions, visibility: fc.constantFrom('FOLLOWERS', 'MENTIONED') },
        ...{ unchecked: fc.constant(true as const), thread: post, threadAuthor: user },
        ...{ replies: fc.constantFrom('FOLLOWED', 'MENTIONED') },
        ...{ quoted: post, quotedAuthor: user, quotes: fc.constantFrom('FOLLOWERS', 'NOBODY') },
      },
      { requiredKeys: ['body'] },
    ),
  });

const createList = (own: string): fc.Arbitrary<Fact> =>
  fc.record({
    name: fc.constant('rookery.list.created' as const),
    actor: mostlyOwner(own),
    subject: fc.constant(own),
    id: fc.constant(own),
    at,
    data: fc.record({ name: word }),
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

/** All in most histories, or some. */
const mostOf = (all: readonly string[]): fc.Arbitrary<string[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<string[]>([...all]) },
    { weight: 1, arbitrary: fc.subarray([...all]) },
  );

/** Histories that the event store may hold: each user signs up and each post and list is created at most once. */
export const history: fc.Arbitrary<RecordedEvent[]> = fc
  .tuple(
    randomFacts,
    mostOf(users).chain((some) => fc.tuple(...some.map(signUp))),
    mostOf(posts).chain((some) => fc.tuple(...some.map(publish))),
    mostOf(lists).chain((some) => fc.tuple(...some.map(createList))),
  )
  .chain(([facts, signUps, publishes, created]) => {
    const all = [...facts, ...signUps, ...publishes, ...created];
    return fc.shuffledSubarray(all, { minLength: all.length });
  })
  .map((facts) => record(withQuotedAuthors(facts)));
