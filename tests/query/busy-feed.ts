import { expect } from 'vitest';
import { codes, type QueryWorld } from '../support/systems/query-world.ts';

/* A friends feed in which several friends share the same posts, and reads of it by pages. */

/** Returns whole numbers below a limit, the same in each run. */
const seededRandom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
};

interface SharedItem {
  readonly id: string;
  readonly verb: 'POST' | 'SHARE';
  readonly post: { readonly id: string };
  readonly sharers: readonly { readonly id: string }[];
  readonly sharerCount: number;
}
interface Page {
  readonly edges: readonly { readonly node: SharedItem }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}
const fields = `edges { node { id verb post { id } sharers { id } sharerCount } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;

/** Reads the whole feed of a reader by pages of one size, newest first. */
export const readAll = async (
  world: QueryWorld,
  viewer: string,
  size: number,
  isForward: boolean,
): Promise<SharedItem[]> => {
  const args = isForward ? 'first: $size, after: $cursor' : 'last: $size, before: $cursor';
  const query = `query ($size: Int, $cursor: String) { friendsFeed(${args}) { ${fields} } }`;
  const readPage = async (cursor: string | null): Promise<Page> => {
    const answer = await world.ask<{ friendsFeed: Page }>(query, { viewer }, { size, cursor });
    expect(codes(answer)).toBeUndefined();
    return answer.data.friendsFeed;
  };
  const items: SharedItem[] = [];
  for (let cursor: string | null = null; ; ) {
    const { edges, pageInfo } = await readPage(cursor);
    const nodes = edges.map(({ node }) => node);
    if (isForward) items.push(...nodes);
    else items.unshift(...nodes);
    if (!(isForward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return items;
    cursor = isForward ? pageInfo.endCursor : pageInfo.startCursor;
  }
};

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly actor: string;
}

/**
 * Friends post, and share the same posts of strangers and of each other. Returns what may be shown, newest first.
 * @param friends two, whom the reader follows
 */
export const busyFeed = async (
  world: QueryWorld,
  reader: string,
  friends: readonly string[],
): Promise<Entry[]> => {
  const all = [...friends, await world.user(), await world.user()];
  for (const friend of all.slice(friends.length)) await world.relate('follows', reader, friend);
  const stranger = await world.user();
  const posts: string[] = [];
  for (let i = 0; i < 12; i++) posts.push(await world.post(stranger));
  const [deleted = ''] = posts;
  await world.change('posts', deleted, { deleted: true });
  const random = seededRandom(7);
  const there: Entry[] = [];
  for (let i = 0; i < 130; i++) {
    const actor = all[random(all.length)] ?? '';
    const post = posts[random(posts.length)] ?? '';
    const isShared = there.some((entry) => entry.actor === actor && entry.text === `SHARE ${post}`);
    if (random(3) > 0 || isShared) {
      const id = await world.post(actor);
      if (i % 4 === 0) posts.push(id);
      there.unshift({ id, text: `POST ${id}`, actor });
    } else there.unshift({ id: await world.share(actor, post), text: `SHARE ${post}`, actor });
  }
  await world.progress();
  return there.filter(({ text }) => text !== `SHARE ${deleted}`);
};

/** Returns those who share the post of an item among it and the 40 newer entries, the oldest first. */
export const sharersAt = (there: readonly Entry[], { id, post }: SharedItem): string[] => {
  const at = there.findIndex((entry) => entry.id === id);
  const near = there.slice(Math.max(0, at - 40), at + 1).toReversed();
  return near.flatMap(({ text, actor }) => (text === `SHARE ${post.id}` ? [actor] : []));
};
