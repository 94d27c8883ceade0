import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createResponseExtensions } from './response-extensions.ts';

it('has nothing to tell if no resolver added anything', () => {
  const extensions = createResponseExtensions();
  expect(extensions.isStale).toBe(false);
  expect(extensions.collected()).toEqual({});
});

it('is stale from the first mark, and tells that mark from later ones', () => {
  const extensions = createResponseExtensions();
  expect([extensions.markStale(), extensions.markStale()]).toEqual([true, false]);
  expect(extensions.isStale).toBe(true);
  expect(extensions.collected()).toEqual({ stale: true });
});

it('collects the same in whatever order resolvers add to it', () =>
  fc.assert(
    fc.property(
      fc
        .array(fc.oneof(fc.constant('stale'), fc.stringMatching(/^a[0-9]$/)), { minLength: 1 })
        .chain((notes) =>
          fc.tuple(fc.constant(notes), fc.shuffledSubarray(notes, { minLength: notes.length })),
        ),
      ([notes, shuffled]) => {
        const [one, other] = [notes, shuffled].map((all) => {
          const extensions = createResponseExtensions();
          for (const note of all) note === 'stale' ? extensions.markStale() : extensions.addReadAfter(note);
          const { stale, readAfter = [] } = extensions.collected();
          return { stale, readAfter: readAfter.toSorted() };
        });
        expect(one).toEqual(other);
        expect(one?.readAfter).toEqual([...new Set(notes.filter((note) => note !== 'stale'))].toSorted());
      },
    ),
  ));
