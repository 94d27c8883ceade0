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
 * Returns the item that shows the post of a share already: the oldest in the window. Undefined if the share shows it.
 * @param rows neighboring items that the viewer may see, newest first
 */
export const earlierItem = <T extends Sharing>(rows: readonly T[], at: number): T | undefined => {
  const row = rows[at];
  if (row?.verb !== 'SHARE') return undefined;
  return rows.slice(at + 1, at + 1 + repeatWindow).findLast(({ post }) => post.id === row.post.id);
};

/** Returns the shares that an item stands for, oldest first: its own, and those of its post in the window after it. */
export const sharesOf = <T extends Sharing>(rows: readonly T[], at: number): readonly T[] => {
  const id = rows[at]?.post.id;
  return rows
    .slice(Math.max(0, at - repeatWindow), at + 1)
    .filter(({ verb, post }) => verb === 'SHARE' && post.id === id)
    .toReversed();
};
