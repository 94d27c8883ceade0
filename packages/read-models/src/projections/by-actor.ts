/**
 * Changes of one document by several actors, by actor, since its owner may not be known yet. Actors are
 * UUIDs, so no key has a special meaning in JavaScript or in a document store.
 */
type ByActor<T> = Readonly<Record<string, T>>;

export const ofActor = <T>(entries: ByActor<T>, actor: string): T | undefined => entries[actor];

/** Returns the entries of all other actors; the same object if this actor has none. */
export const without = <T>(entries: ByActor<T>, actor: string): ByActor<T> =>
  entries[actor] === undefined
    ? entries
    : Object.fromEntries(Object.entries(entries).filter(([each]) => each !== actor));

/** Returns the entry of this actor alone. */
export const only = <T>(entries: ByActor<T>, actor: string): ByActor<T> => {
  const own = entries[actor];
  return own === undefined ? {} : { [actor]: own };
};
