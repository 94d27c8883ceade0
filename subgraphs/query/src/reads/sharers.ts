import type { FeedItemModel, UserModel } from '../models.ts';

/** People whom an item names as sharers of its post. */
const maxNamed = 10;

/** Returns everybody whose share an item of a feed stands for, in the order in which they shared. */
export const sharersOf = async (item: FeedItemModel): Promise<readonly UserModel[]> =>
  item.sharers?.() ?? (item.verb === 'SHARE' ? [item.actor] : []);

export const namedSharersOf = async (item: FeedItemModel): Promise<readonly UserModel[]> =>
  (await sharersOf(item)).slice(0, maxNamed);
