/**
 * Everything that people switch on and off, as clients and recorded events name it. It shares no code with the product:
 * the names are repeated on purpose. The reference model, the social model, the fault workload and the tests of all commands use it.
 */

export interface Toggle {
  /** Fields of Mutation: the second one switches it off. */
  readonly fields: readonly [on: string, off: string];
  /** Type of the input of both. */
  readonly input: 'PostInput' | 'UserInput';
  /** Types of the recorded events. */
  readonly events: readonly [on: string, off: string];
  /** Collection of the documents. */
  readonly collection: string;
  /** Kinds of counts, with the side of the relation that they count by. Absent: it is private. */
  readonly counts?: Readonly<Record<string, 'actor' | 'object'>>;
  /** Field of the post that shows it to the viewer. */
  readonly shownBy?: string;
  /** Relative frequencies in the fault workload. */
  readonly weights: readonly [on: number, off: number];
}

export const toggles = {
  like: {
    fields: ['likePost', 'unlikePost'],
    input: 'PostInput',
    events: ['rookery.post.liked.v1', 'rookery.post.unliked.v1'],
    collection: 'likes',
    counts: { likes: 'object' },
    shownBy: 'viewerLikes',
    weights: [14, 9],
  },
  share: {
    fields: ['sharePost', 'unsharePost'],
    input: 'PostInput',
    events: ['rookery.post.shared.v1', 'rookery.post.unshared.v1'],
    collection: 'shares',
    counts: { shares: 'object' },
    shownBy: 'viewerShared',
    weights: [8, 5],
  },
  bookmark: {
    fields: ['bookmarkPost', 'unbookmarkPost'],
    input: 'PostInput',
    events: ['rookery.post.bookmarked.v1', 'rookery.post.unbookmarked.v1'],
    collection: 'bookmarks',
    shownBy: 'viewerBookmarked',
    weights: [4, 2],
  },
  pin: {
    fields: ['pinPost', 'unpinPost'],
    input: 'PostInput',
    events: ['rookery.post.pinned.v1', 'rookery.post.unpinned.v1'],
    collection: 'pins',
    // Most of the posts that people talk about are those of others, which they cannot pin.
    weights: [2, 1],
  },
  follow: {
    fields: ['followUser', 'unfollowUser'],
    input: 'UserInput',
    events: ['rookery.user.followed.v1', 'rookery.user.unfollowed.v1'],
    collection: 'follows',
    counts: { followers: 'object', following: 'actor' },
    weights: [5, 3],
  },
  block: {
    fields: ['blockUser', 'unblockUser'],
    input: 'UserInput',
    events: ['rookery.user.blocked.v1', 'rookery.user.unblocked.v1'],
    collection: 'blocks',
    weights: [1, 2],
  },
  mute: {
    fields: ['muteUser', 'unmuteUser'],
    input: 'UserInput',
    events: ['rookery.user.muted.v1', 'rookery.user.unmuted.v1'],
    collection: 'mutes',
    weights: [1, 2],
  },
  hideShares: {
    fields: ['hideShares', 'showShares'],
    input: 'UserInput',
    events: ['rookery.user.shares-hidden.v1', 'rookery.user.shares-shown.v1'],
    collection: 'hiddenShares',
    weights: [1, 2],
  },
} as const satisfies Readonly<Record<string, Toggle>>;

export type ToggleName = keyof typeof toggles;
export type ToggleAction = ToggleName | `un${ToggleName}`;
type FieldOf<T> = T extends { readonly fields: readonly [infer On, infer Off] } ? On | Off : never;
/** Fields of Mutation of all toggles. */
export type ToggleField = FieldOf<(typeof toggles)[ToggleName]>;

export const toggleNames = Object.keys(toggles) as ToggleName[];

/** Returns a value for each action: of the toggle, and of its undo. */
export const ofEachAction = <T>(
  choose: (toggle: Toggle, at: 0 | 1) => T,
): Readonly<Record<ToggleAction, T>> =>
  Object.fromEntries(
    Object.entries<Toggle>(toggles).flatMap(([name, toggle]) => [
      [name, choose(toggle, 0)],
      [`un${name}`, choose(toggle, 1)],
    ]),
  ) as Readonly<Record<ToggleAction, T>>;

/** Returns a value for each field of Mutation. */
export const ofEachField = <T>(choose: (toggle: Toggle) => T): Readonly<Record<ToggleField, T>> =>
  Object.fromEntries(
    Object.values<Toggle>(toggles).flatMap((toggle) => toggle.fields.map((field) => [field, choose(toggle)])),
  ) as Readonly<Record<ToggleField, T>>;
