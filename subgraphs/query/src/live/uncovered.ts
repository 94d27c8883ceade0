import { shareItemId } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { Progress } from '../progress.ts';

/** One of the newest items of a feed, shown or not. */
export interface RecentItem {
  readonly itemId: string;
  readonly actor: string | null;
  readonly post: string;
}

/** Returns a function that reads the newest items of a feed, once. */
export const recentItems = (context: QueryContext, viewer: string, progress: Progress, limit: number) => {
  const read = async (): Promise<readonly RecentItem[]> => {
    const window = { viewer, progress, from: Number.MAX_SAFE_INTEGER, limit };
    const { entries } = await context.replica().candidates.before(context, window);
    const items = await Promise.all(entries.map(({ itemId }) => context.loaders.items.load(itemId)));
    return entries.flatMap(({ itemId, position }, i) => {
      const item = items[i];
      return item?.position === position ? [{ itemId, actor: item.actor, post: item.post }] : [];
    });
  };
  let items: Promise<readonly RecentItem[]> | undefined;
  return () => {
    items ??= read();
    return items;
  };
};

/** Returns whether another item has the same post: it may have to be shown, or to name fewer sharers, now that this one is gone. */
export const sharesPost = (items: readonly RecentItem[], post: string, gone: string): boolean =>
  items.some((item) => item.post === post && item.itemId !== gone);

/** Returns whether items of others have the posts of those of somebody who is gone, or reply to them. */
export const concernsOthers = async (
  { loaders, viewer }: QueryContext,
  items: readonly RecentItem[],
  gone: string,
): Promise<boolean> => {
  const others = items.filter(({ actor }) => actor !== gone);
  const concerned = await Promise.all(
    others.map(async ({ actor, post }) => {
      const [written, shared] = await Promise.all([
        loaders.posts.load(post),
        loaders.items.load(shareItemId(gone, post)),
      ]);
      if (!written || written.deleted) return false;
      if (written.author === gone || shared?.active === true) return true;
      // Own replies stay, whomever they answer.
      const answered =
        written.inReplyTo && actor !== viewer ? await loaders.posts.load(written.inReplyTo) : undefined;
      return answered?.author === gone;
    }),
  );
  return concerned.includes(true);
};
