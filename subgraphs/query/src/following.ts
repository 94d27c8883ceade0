import type { Reader } from './read-store.ts';

/** Whom somebody follows, as of one moment. */
export interface Following {
  readonly all: ReadonlySet<string>;
  /** Those whose items are merged at read, because they have too many followers to be written to every feed. */
  readonly big: readonly string[];
}

/** Follows read in one round trip. */
const atOnce = 1_000;

const readAll = async (reader: Reader, follower: string): Promise<ReadonlySet<string>> => {
  const all = new Set<string>();
  for (let after: number | undefined; ; ) {
    const page = await reader.collection('follows').page({
      where: { actor: follower, active: true },
      orderBy: 'position',
      direction: 'asc',
      ...(after === undefined ? {} : { after }),
      limit: atOnce,
    });
    for (const { doc } of page) all.add(doc.object);
    after = page.at(-1)?.doc.position ?? undefined;
    if (page.length < atOnce || after === undefined) return all;
  }
};

/** Two round trips for up to a thousand whom somebody follows, one more for each further thousand. */
export const readFollowing = async (reader: Reader, follower: string): Promise<Following> => {
  const all = await readAll(reader, follower);
  const big = all.size > 0 ? await reader.collection('authors').getMany([...all]) : new Map();
  return { all, big: [...big.keys()] };
};
