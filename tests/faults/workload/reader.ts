import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.ts';
import { clearRefusals } from './watch.ts';
import type { Person, SharedWorld } from './world.ts';

export interface Edge {
  readonly cursor: string;
  readonly node: {
    readonly id: string;
    readonly verb: 'POST' | 'SHARE';
    readonly actor: { readonly id: string };
    readonly post: { readonly id: string };
  };
}

export interface Page {
  readonly edges: readonly Edge[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

export const pageFields =
  'edges { cursor node { id verb actor { id } post { id } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

/** From a cursor, or from the end of the list at which paging in this direction begins. */
type PageArgs =
  | { readonly first: number; readonly after?: string | undefined }
  | { readonly last: number; readonly before?: string | undefined };

/** Reads one page of the viewer's friends feed. */
export const readPage = (world: SharedWorld, person: Person, args: PageArgs) =>
  world.client.ask<{ friendsFeed: Page }>(
    `query ($first: Int, $after: String, $last: Int, $before: String) {
      friendsFeed(first: $first, after: $after, last: $last, before: $before) { ${pageFields} }
    }`,
    args,
    { token: person.token },
  );

/**
 * Reads the friends feed through several pages, again and again, while items arrive. Checks what must hold of every
 * answer that is not an error and does not call itself stale.
 * @param followed whom this reader follows, from before the run to its end
 */
export const read = async (
  world: SharedWorld,
  person: Person,
  followed: ReadonlySet<string>,
  random: Random,
  every: number,
): Promise<void> => {
  const { watch } = world;
  while (!world.stopping.aborted) {
    // Their pace, by the seed, and no wait for anything.
    await sleep(every * (0.5 + random.next()), undefined, { signal: world.stopping }).catch(() => {});
    if (world.stopping.aborted) break;
    const size = random.int(3, 12);
    const isForward = random.next() < 0.5;
    const start = performance.now();
    const seen = new Set<string>();
    let cursor: string | undefined;
    for (let page = 1; page <= 4; page++) {
      const { data, codes, stale, detail, took } = await readPage(
        world,
        person,
        isForward ? { first: size, after: cursor } : { last: size, before: cursor },
      );
      watch.trace('read', {
        by: person.handle,
        page,
        isForward,
        items: data?.friendsFeed?.edges.length,
        codes,
        stale,
        took: Math.round(took),
      });
      if (codes.length > 0) {
        if (codes.some((code) => !clearRefusals.has(code))) watch.broken('clear answers', `read: ${detail}`);
        break;
      }
      if (!data || stale) break;
      watch.checked('I7');
      const { edges, pageInfo } = data.friendsFeed;
      for (const { node } of edges) {
        const what = `${person.handle}'s page ${page}: ${node.verb} ${node.post.id}`;
        if (seen.has(node.id)) watch.broken('I7', `${what} twice`);
        seen.add(node.id);
        if (!followed.has(node.actor.id)) watch.broken('I7', `${what} by somebody who is not followed`);
        const gone = world.postById.get(node.post.id)?.gone;
        if (gone !== undefined && gone < start) watch.broken('P7', `${what} was deleted`);
      }
      if (page === 1 && edges.length === 0) {
        const there = world.posts.some(
          ({ author, deleting, shown }) =>
            followed.has(author) && !deleting && shown !== undefined && shown < start,
        );
        if (there) watch.broken('I7', `${person.handle}: an empty page, though there are posts to show`);
      }
      const [hasMore, end] = isForward
        ? [pageInfo.hasNextPage, pageInfo.endCursor]
        : [pageInfo.hasPreviousPage, pageInfo.startCursor];
      if (!hasMore || end === null) break;
      cursor = end;
    }
  }
};
