import { type Fact, kind } from './facts.ts';

/** Posts of one person that count for a hashtag: the newest. */
const countedEach = 2;

/** Hashtags stand between spaces in the texts of these histories. */
export const hashtagsIn = (body: string): string[] => [
  ...new Set(body.split(' ').flatMap((word) => (word.startsWith('#') ? [word.slice(1).toLowerCase()] : []))),
];

/**
 * Returns the hashtags for which each post can count: those with which it was published for everybody, unless its author has
 * published newer ones.
 */
export const countedHashtagsOf = (facts: readonly Fact[]): ReadonlyMap<string, readonly string[]> => {
  const newestFirst = facts
    .filter((fact) => kind(fact) === 'published' && !(fact.event.data as { visibility?: string }).visibility)
    .toSorted((a, b) => (`${a.event.time} ${a.event.id}` < `${b.event.time} ${b.event.id}` ? 1 : -1));
  const counted = new Map<string, string[]>();
  const posts = new Map<string, number>();
  for (const { event } of newestFirst)
    for (const hashtag of hashtagsIn((event.data as { body: string }).body)) {
      const use = `${event.actor} ${hashtag}`;
      posts.set(use, (posts.get(use) ?? 0) + 1);
      if ((posts.get(use) ?? 0) <= countedEach)
        counted.set(event.id, [...(counted.get(event.id) ?? []), hashtag]);
    }
  return counted;
};
