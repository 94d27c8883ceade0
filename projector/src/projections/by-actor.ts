/**
 * What several actors did to one thing whose owner may not be known yet, kept by actor.
 * Actors are UUIDs, so that no key can mean anything to JavaScript or to a document store.
 */
type ByActor<T> = Readonly<Record<string, T>>;

export const ofActor = <T>(entries: ByActor<T>, actor: string): T | undefined => entries[actor];

/** Entries of all other actors; the same object if this actor has none. */
export const without = <T>(entries: ByActor<T>, actor: string): ByActor<T> =>
  entries[actor] === undefined
    ? entries
    : Object.fromEntries(Object.entries(entries).filter(([each]) => each !== actor));

/** What this actor did; everybody else's is dropped. */
export const only = <T>(entries: ByActor<T>, actor: string): ByActor<T> => {
  const own = entries[actor];
  return own === undefined ? {} : { [actor]: own };
};
