import { type Envelope, readEvent, writeEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNetwork, type NetworkOptions } from './network.ts';

const eventsOf = (options: NetworkOptions, batch = 500): Envelope[] =>
  [...createNetwork(options).batches(batch)].flat();

const nameOf = ({ type }: Envelope): string => type.replace(/^rookery\.|\.v\d+$/g, '');

test('every event is one that the API could have accepted, in the order of their times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 120 }), fc.nat(1_000), (people, seed) => {
      const handles = new Set<string>();
      const users = new Set<string>();
      const authors = new Map<string, string>();
      const ids = new Set<string>();
      let before = '';
      for (const envelope of eventsOf({ people, seed, readers: [5, 30], chronicle: 5 })) {
        const event = readEvent(envelope);
        expect(writeEvent(event)).toEqual(envelope);
        expect(envelope.time > before).toBe(true);
        before = envelope.time;
        ids.add(envelope.id);
        if (event.name === 'rookery.user.signed-up') {
          expect(event.data.handle).toMatch(/^[a-z0-9_]{3,30}$/);
          handles.add(event.data.handle);
          users.add(event.id);
        }
        expect(users.has(event.actor)).toBe(true);
        if (event.name === 'rookery.post.published') {
          const { inReplyTo, thread = inReplyTo, threadAuthor } = event.data;
          if (inReplyTo !== undefined) expect(authors.has(inReplyTo)).toBe(true);
          expect(threadAuthor).toBe(authors.get(thread ?? ''));
          authors.set(event.id, event.actor);
        } else if (event.name === 'rookery.post.edited' || event.name === 'rookery.post.deleted') {
          expect(authors.get(event.subject)).toBe(event.actor);
        } else if (event.name.startsWith('rookery.post.')) expect(authors.has(event.subject)).toBe(true);
        else expect(users.has(event.subject)).toBe(true);
        if (event.name === 'rookery.user.followed') expect(event.subject).not.toBe(event.actor);
      }
      expect(handles.size).toBe(users.size);
      expect(ids.size).toBe(eventsOf({ people, seed, readers: [5, 30], chronicle: 5 }).length);
    }),
    { numRuns: 10 },
  );
});

test('the same options give the same events, in batches of any size; another seed gives others', () => {
  const options = { people: 100, seed: 7, readers: [10] };
  expect(eventsOf(options, 33)).toEqual(eventsOf(options));
  expect(eventsOf({ ...options, seed: 8 })[0]?.id).not.toBe(eventsOf(options)[0]?.id);
});

test('it has what its description says', () => {
  const people = 3_000;
  const network = createNetwork({ people, readers: [10, 1_000] });
  const events = [...network.batches(5_000)].flat();
  expect(events.length / network.expectedEvents).toBeCloseTo(1, 1);

  const count = (key: (event: Envelope) => string, name: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const event of events)
      if (nameOf(event) === name) counts.set(key(event), (counts.get(key(event)) ?? 0) + 1);
    return counts;
  };
  const largest = (counts: ReadonlyMap<string, number>): string | undefined =>
    [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
  const idOf = (handle: string): string | undefined =>
    events.find(({ data }) => (data as { handle?: string }).handle === handle)?.id;

  expect(largest(count(({ subject }) => subject, 'post.liked'))).toBe(network.hottestPost);
  expect(largest(count(({ subject }) => subject, 'user.followed'))).toBe(idOf(network.handles.mostFollowed));
  const followings = count(({ actor }) => actor, 'user.followed');
  expect(network.handles.readers.map((handle) => followings.get(idOf(handle) ?? ''))).toEqual([10, 1_000]);
  // Something of every kind that people do.
  const kinds = new Set(events.map(nameOf));
  for (const kind of ['followed', 'unfollowed', 'signed-up']) expect(kinds).toContain(`user.${kind}`);
  for (const kind of ['published', 'edited', 'deleted', 'liked', 'unliked', 'shared', 'bookmarked'])
    expect(kinds).toContain(`post.${kind}`);
});
