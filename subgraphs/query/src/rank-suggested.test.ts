import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankSuggested } from './rank-suggested.ts';

/** Follows as `follower followed`, oldest first. */
const follows = (...pairs: string[]) =>
  pairs.map((pair, i) => {
    const [actor = '', object = ''] = pair.split(' ');
    return { actor, object, position: i + 1 };
  });
const ranked = (...pairs: string[]) =>
  rankSuggested(follows(...pairs)).map(({ id, mutualCount }) => `${id} ${mutualCount}`);

describe('people who may be followed', () => {
  it.each([
    ['there are none', [], []],
    ['the most followed come first', ['ben dan', 'cyd dan', 'cyd eve'], ['dan 2', 'eve 1']],
    ['of equals, those who were followed last', ['ben dan', 'cyd eve'], ['eve 1', 'dan 1']],
    [
      'somebody who follows many in a row does not come before others',
      ['ben dan', 'cyd a', 'cyd b', 'cyd c', 'cyd d'],
      ['d 1', 'dan 1', 'c 1', 'b 1', 'a 1'],
    ],
  ])('%s', (_title, pairs, expected) => expect(ranked(...pairs)).toEqual(expected));

  it('do not depend on the order in which the follows are read, and each is counted once for each follower', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const pairs = fc.uniqueArray(fc.tuple(name, name), { selector: String, maxLength: 20 });
    const shuffled = pairs.chain((all) => {
      const read = all.map(([actor, object], position) => ({ actor, object, position }));
      return fc.tuple(fc.constant(read), fc.shuffledSubarray(read, { minLength: read.length }));
    });
    fc.assert(
      fc.property(shuffled, ([read, other]) => {
        const found = rankSuggested(read);
        expect(rankSuggested(other)).toEqual(found);
        for (const { id, mutualCount } of found)
          expect(mutualCount).toBe(read.filter(({ object }) => object === id).length);
        expect(new Set(found.map(({ id }) => id))).toEqual(new Set(read.map(({ object }) => object)));
      }),
    );
  });
});
