import { type MuteDoc, relationId } from '@rookery/read-models';
import { isMuted, maySeeActivityOf } from '@rookery/read-models/visibility';
import type { QueryContext } from '../context.ts';
import { loadFollow, loadMutes, loadThread, loadViewerRelation } from '../hydrate.ts';
import type { FeedEventModel } from '../models.ts';

export type Told = Omit<FeedEventModel, 'cursor'>;

/** Something that happened at one position of the event store, so that there is at most one event for each position. */
export interface Fact {
  readonly position: number;
  tell(): Promise<Told | undefined>;
}

const reload = async () => ({ kind: 'RELOAD' }) as const;

/**
 * Returns whether the viewer mutes the author or the thread of a post: then no event is about it, not even one about its end.
 * @param id of the post; undefined if it is about all posts of the author
 */
export const isMutedFor = async (
  { loaders }: QueryContext,
  author: string | null | undefined,
  id?: string,
): Promise<boolean> => isMuted(await loadMutes(loaders, [author], [await loadThread(loaders, id)]));

/**
 * Returns the blocks between the viewer and the authors of posts that others share or quote, and the ends of such blocks: these posts
 * go or come back. Any number of them may, and all at one position, so the page must be read again.
 */
export const readBlocks = async (
  { loaders }: QueryContext,
  viewer: string,
  from: number,
  authors: ReadonlySet<string>,
): Promise<Fact[]> => {
  const ids = [...authors].flatMap((other) => [relationId(viewer, other), relationId(other, viewer)]);
  const blocks = await Promise.all(ids.map((id) => loaders.blocks.load(id)));
  return blocks.flatMap((block) => {
    const position = Math.max(block?.position ?? 0, block?.ended ?? 0);
    return position > from ? [{ position, tell: reload }] : [];
  });
};

/** Tells to read the page again, unless a block hides the user from the viewer, with all that concerns them. */
const reloadFor = async ({ loaders }: QueryContext, user: string): Promise<Told | undefined> =>
  maySeeActivityOf(await loadViewerRelation(loaders, user)) ? { kind: 'RELOAD' } : undefined;

/**
 * Returns when authors of posts that others share or quote have protected their accounts, or have ended that, and when the viewer has stopped
 * following a protected one: these posts go or come back.
 */
export const readProtections = async (
  context: QueryContext,
  viewer: string,
  from: number,
  authors: ReadonlySet<string>,
): Promise<Fact[]> => {
  const { loaders } = context;
  const facts = await Promise.all(
    [...authors].map(async (author) => {
      const user = await loaders.users.load(author);
      const follow = user?.protected ? await loadFollow(loaders, viewer, author) : undefined;
      const ended = follow?.active === false ? (follow.ended ?? 0) : 0;
      const position = Math.max(user?.protectedChanged ?? 0, ended);
      return { position, tell: () => reloadFor(context, author) };
    }),
  );
  return facts.filter(({ position }) => position > from);
};

/**
 * Returns the suspensions of people whom the viewer follows, or who have written posts that others share or quote, and the ends of such
 * suspensions: all that they have done goes or comes back.
 * @param isAuthor asked when a fact is told, so that the authors need not be known before
 */
export const readSuspensions = async (
  context: QueryContext,
  viewer: string,
  from: number,
  limit: number,
  isAuthor: (user: string) => boolean,
): Promise<Fact[]> => {
  const { loaders, reader } = context;
  const found = await reader.collection('moderations').page({
    where: { verb: ['SUSPEND', 'UNSUSPEND'] },
    orderBy: 'position',
    direction: 'asc',
    after: from,
    limit,
  });
  return found.map(({ doc: { object, position } }) => ({
    position,
    tell: async () => {
      const isShown = isAuthor(object) || (await loadFollow(loaders, viewer, object))?.active === true;
      return isShown ? reloadFor(context, object) : undefined;
    },
  }));
};

/** Reads the requests of the viewer's that were approved behind a position: what the followed have posted before comes into the feed. */
export const readApprovals = async (
  { reader }: QueryContext,
  viewer: string,
  from: number,
  limit: number,
): Promise<Fact[]> => {
  const found = await reader.collection('follows').page({
    where: { actor: viewer, active: true },
    orderBy: 'position',
    direction: 'asc',
    after: from,
    limit,
  });
  return found.map(({ doc }) => ({
    position: doc.position ?? 0,
    tell: async () => (doc.answers ? ({ kind: 'RELOAD' } as const) : undefined),
  }));
};

/** Reads the viewer's choices about the feed that have changed behind a position. Only the viewer hears of it. */
export const readChoices = async (
  { reader, loaders }: QueryContext,
  viewer: string,
  from: number,
  limit: number,
): Promise<Fact[]> => {
  const [settings, hidden] = await Promise.all([
    loaders.friendsFeedSettings.load(viewer),
    reader.collection('hiddenShares').page({
      where: { actor: viewer },
      orderBy: 'changed',
      direction: 'asc',
      after: from,
      limit,
    }),
  ]);
  const changed = settings?.changed ?? 0;
  return [
    ...hidden.map(({ doc }) => ({ position: doc.changed, tell: reload })),
    ...(changed > from ? [{ position: changed, tell: reload }] : []),
  ].sort((a, b) => a.position - b.position);
};

const muteCollections = ['mutes', 'mutedThreads', 'mutedWords'] as const;

/**
 * Reads the viewer's mutes that have changed behind a position, by their kind: what they hide goes or comes back, wherever it is in the
 * feed. Only the viewer hears of it.
 */
export const readMutes = (
  { reader }: QueryContext,
  viewer: string,
  from: number,
  limit: number,
): Promise<Fact[][]> =>
  Promise.all(
    muteCollections.map(async (name) => {
      const found = await reader.collection(name).page({
        where: { actor: viewer },
        orderBy: 'changed',
        direction: 'asc',
        after: from,
        limit,
      });
      return found.map(({ doc }: { readonly doc: MuteDoc }) => ({ position: doc.changed, tell: reload }));
    }),
  );
