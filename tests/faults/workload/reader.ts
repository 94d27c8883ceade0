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
  while (!world.stopping.aborted) {
    // Their pace, by the seed, and no wait for anything.
    await sleep(every * (0.5 + random.next()), undefined, { signal: world.stopping }).catch(() => {});
    if (world.stopping.aborted) break;
    const size = random.int(3, 12);
    await readPages(
      { world, person, followed, start: performance.now(), seen: new Set() },
      size,
      random.next() < 0.5,
    );
  }
};

/** One reading of a feed through several pages. */
interface Reading {
  readonly world: SharedWorld;
  readonly person: Person;
  readonly followed: ReadonlySet<string>;
  readonly start: number;
  /** Ids of the items on the pages before. */
  readonly seen: Set<string>;
}

const maxPages = 4;

const readPages = async (reading: Reading, size: number, isForward: boolean): Promise<void> => {
  const { world, person } = reading;
  const { watch } = world;
  let cursor: string | undefined;
  for (let page = 1; page <= maxPages; page++) {
    const args = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const { data, codes, stale, detail, took } = await readPage(world, person, args);
    const items = data?.friendsFeed?.edges.length;
    watch.trace('read', { by: person.handle, page, isForward, items, codes, stale, took: Math.round(took) });
    if (codes.some((code) => !clearRefusals.has(code))) watch.broken('clear answers', `read: ${detail}`);
    if (codes.length > 0 || !data || stale) return;
    watch.checked('I7');
    checkPage(reading, data.friendsFeed, page);
    const next = nextCursor(data.friendsFeed, isForward);
    if (next === undefined) return;
    cursor = next;
  }
};

/** Returns the cursor of the next page in this direction; undefined at the end. */
const nextCursor = ({ pageInfo }: Page, isForward: boolean): string | undefined => {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  const [hasMore, end] = isForward ? [hasNextPage, endCursor] : [hasPreviousPage, startCursor];
  return hasMore ? (end ?? undefined) : undefined;
};

const checkPage = (
  { world, person, followed, start, seen }: Reading,
  { edges }: Page,
  page: number,
): void => {
  const { watch } = world;
  for (const { node } of edges) {
    const what = `${person.handle}'s page ${page}: ${node.verb} ${node.post.id}`;
    if (seen.has(node.id)) watch.broken('I7', `${what} twice`);
    seen.add(node.id);
    if (!followed.has(node.actor.id)) watch.broken('I7', `${what} by somebody who is not followed`);
    const gone = world.postById.get(node.post.id)?.gone;
    if (gone !== undefined && gone < start) watch.broken('P7', `${what} was deleted`);
    // Nobody mentions those who only read.
    if (world.postById.get(node.post.id)?.visibility === 'MENTIONED')
      watch.broken('I7', `${what} is for others`);
  }
  if (page > 1 || edges.length > 0) return;
  const hasPosts = world.posts.some(
    ({ author, visibility, deleting, shown }) =>
      followed.has(author) && visibility !== 'MENTIONED' && !deleting && shown !== undefined && shown < start,
  );
  if (hasPosts) watch.broken('I7', `${person.handle}: an empty page, though there are posts to show`);
};
