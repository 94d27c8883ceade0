import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joinSamples,
  maxSampled,
  maxUsesEach,
  type PeopleSample,
  sampledSize,
  sampleHash,
  sizeOf,
  withUse,
} from './people-sample.ts';

interface Used {
  readonly person: number;
  readonly post: string;
  readonly at: number;
}

const sampleOf = (uses: readonly Used[]): PeopleSample =>
  uses.reduce<PeopleSample>(
    (sample, { person, post, at }) => withUse(sample, sampleHash(`${person}`), { post, at }),
    [],
  );

/** The same in the plainest way: all people, then those that are kept. */
const expectedOf = (uses: readonly Used[]): PeopleSample => {
  const people = [...new Set(uses.map(({ person }) => person))].map((person) => {
    const posts = new Map(uses.filter((use) => use.person === person).map(({ post, at }) => [post, at]));
    const newest = [...posts]
      .map(([post, at]) => ({ post, at }))
      .sort((a, b) => b.at - a.at || (a.post < b.post ? 1 : -1));
    return { hash: sampleHash(`${person}`), uses: newest.slice(0, maxUsesEach) };
  });
  return people.sort((a, b) => a.hash - b.hash).slice(0, maxSampled);
};

const use = fc
  .record({ person: fc.nat(90), number: fc.nat(5), at: fc.nat(3) })
  .map(({ person, number, at }): Used => ({ person, post: `${person} ${number} ${at}`, at }));
const manyUses = fc.array(use, { maxLength: 300, size: 'max' });

const people = (from: number, to: number): Used[] =>
  Array.from({ length: to - from }, (_, i) => ({ person: from + i, post: `post ${from + i}`, at: 0 }));

/** An estimate is within three times its usual error. */
const expectAbout = (found: number, wanted: number): void => {
  expect(Math.abs(found - wanted) / wanted).toBeLessThan(3 / Math.sqrt(maxSampled));
};

describe('a sample of people', () => {
  it('is a function of the set of uses', () => {
    fc.assert(
      fc.property(
        manyUses.chain((uses) =>
          fc.tuple(
            fc.constant(uses),
            fc.shuffledSubarray([...uses, ...uses], { minLength: 2 * uses.length }),
          ),
        ),
        ([uses, delivered]) => {
          const expected = expectedOf(uses);
          expect(sampleOf(uses)).toEqual(expected);
          expect(sampleOf(delivered)).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is the given object if nothing changes', () => {
    fc.assert(
      fc.property(manyUses, (uses) => {
        const sample = sampleOf(uses);
        for (const { person, post, at } of uses)
          expect(withUse(sample, sampleHash(`${person}`), { post, at })).toBe(sample);
      }),
    );
  });

  it('has everybody while they are few', () => {
    const { people: all, share } = joinSamples([sampleOf(people(0, maxSampled - 1))]);
    expect([all.length, share]).toEqual([maxSampled - 1, 1]);
  });

  it.each([100, 1_000, 20_000])('tells about how many people there are, of %i', (number) => {
    const sample = sampleOf(people(0, number));
    expect(sample).toHaveLength(maxSampled);
    expectAbout(sizeOf(joinSamples([sample])), number);
    expect(sampledSize(sample)).toBeCloseTo(sizeOf(joinSamples([sample])));
  });

  it('counts nobody twice who is in two samples, large or small', () => {
    expect(sizeOf(joinSamples([sampleOf(people(0, 30)), sampleOf(people(10, 40))]))).toBe(40);
    expectAbout(sizeOf(joinSamples([sampleOf(people(0, 3_000)), sampleOf(people(1_000, 4_000))])), 4_000);
    expectAbout(sizeOf(joinSamples([sampleOf(people(0, 3_000)), sampleOf(people(0, 20))])), 3_000);
  });

  it('keeps the newest posts of somebody who posts all the time', () => {
    const uses = Array.from({ length: 100 }, (_, at) => ({ person: 1, post: `post ${at}`, at }));
    const sample = sampleOf(uses);
    expect(sample.map((person) => person.uses.map(({ at }) => at))).toEqual([[99, 98]]);
  });
});
