import {
  actsOfOthers,
  type ItemDoc,
  keptActors,
  lastEditOf,
  type NotifiedAct,
  type NotifiedKind,
  notifiedActs,
} from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { Order } from '../page.ts';

/** A group of notifications, before the rules. */
export interface NotificationEntry {
  readonly kind: NotifiedKind | 'EDIT';
  /** The post, or the user whom it is about. */
  readonly object: string;
  /** Place in the list. */
  readonly position: number;
  /** The newest act of each of the newest actors, newest first. */
  readonly acts: readonly NotifiedAct[];
  /** False if more people may have acted. */
  readonly isWhole: boolean;
}

/** Which part of the list is asked for. */
interface Window {
  readonly order: Order;
  /** Exclusive; undefined at the start of the list. */
  readonly from: number | undefined;
  readonly limit: number;
}

export interface NotificationEntries {
  /** Returns the entries of a page. A group that is still growing is at the position up to which everything is applied. */
  page(window: Window): Promise<readonly NotificationEntry[]>;
  /** Returns the entries with acts after a position, up to which everything is applied, oldest first, and whether there are later ones. */
  after(
    from: number,
    limit: number,
  ): Promise<{ readonly due: readonly NotificationEntry[]; readonly isBehind: boolean }>;
  /** Posts of others among the viewer's newest items. */
  sharedPosts(): Promise<readonly string[]>;
}

/** Newest posts and shares of the viewer that are searched for shares of posts that were edited since. */
const shareWindow = 40;

const kinds = Object.entries(notifiedActs) as [NotifiedKind, (typeof notifiedActs)[NotifiedKind]][];

/** The kind of an event of several kinds is that of the highest rank. */
const ranks = {
  ...{ EDIT: 0, MENTION: 1, QUOTE: 2, REPLY: 3, SHARE: 3, LIKE: 3 },
  ...{ FOLLOW: 3, FOLLOW_REQUEST: 3, SIGN_IN: 3, REPORT_RESOLVED: 3 },
} as const;

const inOrder = (order: Order, entries: readonly NotificationEntry[]): NotificationEntry[] =>
  entries.toSorted((a, b) => (order === 'asc' ? a.position - b.position : b.position - a.position));

/**
 * Reads the groups of one viewer: one bounded page of an index for each kind of act, and the viewer's newest shares.
 * @param upTo position that all projections have reached
 */
export const notificationEntries = (
  context: QueryContext,
  viewer: string,
  upTo: number,
): NotificationEntries => {
  const { reader, loaders } = context;

  const readKind = async ([kind, place]: (typeof kinds)[number], { order, from, limit }: Window) => {
    const found = await reader.collection('notifications').page({
      where: { recipient: viewer },
      orderBy: place,
      direction: order,
      // The progress, which is read before, confirms that nothing is lost: an empty page need not do so once for each kind.
      after: from ?? (order === 'desc' ? Number.MAX_SAFE_INTEGER : 0),
      limit,
    });
    return found.map(({ id, doc }): NotificationEntry => {
      const acts = actsOfOthers(doc, kind);
      const [object = ''] = id.split(':');
      return { kind, object, position: doc[place] ?? 0, acts, isWhole: acts.length < keptActors };
    });
  };

  const readShares = async (): Promise<readonly ItemDoc[]> => {
    const own = await reader.collection('items').page({
      where: { actor: viewer, active: true },
      orderBy: 'position',
      direction: 'desc',
      after: Number.MAX_SAFE_INTEGER,
      limit: shareWindow,
    });
    return own.flatMap(({ doc }) => (doc.verb === 'SHARE' ? [doc] : []));
  };
  let shares: Promise<readonly ItemDoc[]> | undefined;
  const readEdits = async ({ order, from, limit }: Window): Promise<NotificationEntry[]> => {
    shares ??= readShares();
    const edits = await Promise.all(
      (await shares).map(async ({ post, position: sharedAt }): Promise<NotificationEntry[]> => {
        const item = await loaders.items.load(post);
        const position = item ? lastEditOf(item) : 0;
        const actor = item?.actor;
        if (!actor || actor === viewer || position <= (sharedAt ?? 0)) return [];
        return [{ kind: 'EDIT', object: post, position, acts: [{ actor, position }], isWhole: true }];
      }),
    );
    const isWithin = ({ position }: NotificationEntry): boolean =>
      from === undefined || (order === 'asc' ? position > from : position < from);
    return inOrder(order, edits.flat().filter(isWithin)).slice(0, limit);
  };

  const read = async (window: Window): Promise<NotificationEntry[]> => {
    const found = await Promise.all([readEdits(window), ...kinds.map((kind) => readKind(kind, window))]);
    // One event is one notification: a reply that also quotes or mentions the viewer is a reply, and an edit that mentions them a mention.
    const entries = found.flat().toSorted((a, b) => ranks[a.kind] - ranks[b.kind]);
    const byPosition = new Map(entries.map((entry) => [entry.position, entry]));
    return inOrder(window.order, [...byPosition.values()]).slice(0, window.limit);
  };

  /** Leaves out acts that not all projections have reached, unless so many people act at once that no other is kept. */
  const applied = (entry: NotificationEntry): NotificationEntry => {
    const acts = entry.acts.filter(({ position }) => position <= upTo);
    return acts.length === 0 && !entry.isWhole ? entry : { ...entry, acts };
  };

  return {
    page: async (window) =>
      (await read(window)).map((entry) => ({
        ...applied(entry),
        position: Math.min(entry.position, upTo),
      })),
    async after(from, limit) {
      const found = await read({ order: 'asc', from, limit });
      const due = found.flatMap((entry) => {
        const shown = applied(entry);
        const position = Math.min(shown.acts[0]?.position ?? 0, upTo);
        return position > from ? [{ ...shown, position }] : [];
      });
      return { due: inOrder('asc', due), isBehind: found.some(({ position }) => position > upTo) };
    },
    async sharedPosts() {
      shares ??= readShares();
      return (await shares).map(({ post }) => post);
    },
  };
};
