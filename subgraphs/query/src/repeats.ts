/*
 * One post comes up once among neighbors of a friends feed, however many share it. The rule looks at older items only, so that an
 * item which arrives changes no page that was read before (docs/adr/one-item-for-several-sharers.md).
 */

/** Items before a share among which its post must not be. */
export const repeatWindow = 40;

/** Parts of an item that the rule needs. */
export interface Sharing {
  readonly verb: 'POST' | 'SHARE';
  readonly post: { readonly id: string };
}

/**
 * An item that the viewer may see. Undefined: one of no post that is asked about, which the viewer may see or not, so that the true
 * distance over it is at most as large as it looks.
 */
export type Row<T extends Sharing> = T | undefined;

/**
 * Returns the item that shows the post of a share already: the oldest in the window. Undefined if the share shows it.
 * @param rows neighboring items, newest first
 */
export const earlierItem = <T extends Sharing>(rows: readonly Row<T>[], at: number): Row<T> => {
  const row = rows[at];
  if (row?.verb !== 'SHARE') return undefined;
  return rows.slice(at + 1, at + 1 + repeatWindow).findLast((other) => other?.post.id === row.post.id);
};

/** Returns the shares that an item stands for, oldest first: its own, and those of its post in the window after it. */
export const sharesOf = <T extends Sharing>(rows: readonly Row<T>[], at: number): readonly T[] => {
  const id = rows[at]?.post.id;
  return rows
    .slice(Math.max(0, at - repeatWindow), at + 1)
    .filter((row): row is T => row?.verb === 'SHARE' && row.post.id === id)
    .toReversed();
};

/**
 * Returns whether two items with one post, on both sides of an edge, may be nearer to each other than they look, and so that it
 * matters.
 */
export const isUncertain = <T extends Sharing>(rows: readonly Row<T>[], edge: number): boolean =>
  rows.slice(edge).some((row, i) => {
    const farthest = rows.findIndex((other) => row && other?.post.id === row.post.id);
    return farthest !== -1 && farthest < Math.min(edge, edge + i - repeatWindow);
  });
