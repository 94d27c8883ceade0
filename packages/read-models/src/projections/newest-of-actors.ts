/**
 * Adds an entry to the newest of each of the newest actors, newest first: a function of the set of entries. Returns the given
 * entries if nothing changes.
 */
export const withNewest = <Entry extends { readonly actor: string }>(
  entries: readonly Entry[],
  entry: Entry,
  isNewer: (a: Entry, b: Entry) => boolean,
  max: number,
): readonly Entry[] => {
  const known = entries.find(({ actor }) => actor === entry.actor);
  if (known && !isNewer(entry, known)) return entries;
  const all = [...entries.filter((each) => each !== known), entry]
    .sort((a, b) => (isNewer(a, b) ? -1 : 1))
    .slice(0, max);
  return all.includes(entry) ? all : entries;
};
