/** A follow of somebody by one of those whom the viewer follows. */
export interface FriendsFollow {
  /** Follower. */
  readonly actor: string;
  readonly object: string;
  readonly position: number;
}

export interface RankedUser {
  readonly id: string;
  /** Number of those whom the viewer follows who follow this person. */
  readonly mutualCount: number;
}

/**
 * Returns the followed people: first those with the most followers, of equals those who are among the newest follows of a
 * follower, so that somebody who follows many in a row does not come before all others.
 */
export const rankSuggested = (follows: readonly FriendsFollow[]): RankedUser[] => {
  const places = new Map<FriendsFollow, number>();
  for (const own of Map.groupBy(follows, ({ actor }) => actor).values())
    for (const [place, follow] of own.toSorted((a, b) => b.position - a.position).entries())
      places.set(follow, place);
  const ranked = [...Map.groupBy(follows, ({ object }) => object)].map(([id, by]) => ({
    id,
    mutualCount: new Set(by.map(({ actor }) => actor)).size,
    place: Math.min(...by.map((follow) => places.get(follow) ?? 0)),
    position: Math.max(...by.map(({ position }) => position)),
  }));
  return ranked
    .sort((a, b) => b.mutualCount - a.mutualCount || a.place - b.place || b.position - a.position)
    .map(({ id, mutualCount }) => ({ id, mutualCount }));
};
