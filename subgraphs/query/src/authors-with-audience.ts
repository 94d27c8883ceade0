import type { Reader } from './read-store.ts';

/** Follows read in one round trip. Each is an id and a position. */
const atOnce = 5_000;

/**
 * Returns those whom somebody follows and whose items are written to feeds and not broadcast: two round trips for each
 * five thousand. Only fills need it, in the background.
 */
export const authorsWithAudience = async (reader: Reader, follower: string): Promise<string[]> => {
  const authors: string[] = [];
  for (let after: number | undefined; ; ) {
    const page = await reader.collection('follows').pageOf(['object', 'position'], {
      where: { actor: follower, active: true },
      orderBy: 'position',
      direction: 'asc',
      after,
      limit: atOnce,
    });
    const followed = page.flatMap(({ doc }) => doc.object ?? []);
    const broadcasting = await reader.collection('authors').getMany(followed);
    authors.push(...followed.filter((author) => !broadcasting.has(author)));
    after = page.at(-1)?.doc.position ?? undefined;
    if (page.length < atOnce || after === undefined) return authors;
  }
};
