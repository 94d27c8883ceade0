import { keyOf, type Script, toEntries } from './raw.ts';
import * as scripts from './segment-scripts.ts';
import type { Feeds } from './types.ts';

/** Segments of one reader. Each is one sorted set. */
const segmentsOfReader = 4;
const ttlSeconds = 600;

/** The keys share the hash tag of the feed, so that a script may use all of them on a cluster. */
const keysOf = (reader: string): string[] =>
  Array.from({ length: segmentsOfReader }, (_, i) => `${keyOf(reader)}:segment:${i}`);

/** Creates the part of Feeds that keeps segments. */
export const createSegments = (
  define: (name: string, lua: string, numberOfKeys: number) => Script,
  call: <R>(action: () => Promise<R>) => Promise<R>,
): Pick<Feeds, 'entriesOfSegment' | 'keepSegment'> => {
  const read = define('feedSegmentRead', scripts.read, segmentsOfReader);
  const keep = define('feedSegmentKeep', scripts.keep, segmentsOfReader);
  return {
    async entriesOfSegment(reader, { direction, from, limit, least = limit }) {
      const found = (await call(() => read(...keysOf(reader), direction, from, limit, least))) as
        | readonly [asOf: number, entries: readonly string[]]
        | null;
      return found === null ? undefined : { asOf: found[0], entries: toEntries(found[1]) };
    },
    async keepSegment(reader, { low, high, asOf, entries }, validFrom) {
      const flat = entries.flatMap(({ itemId, position }) => [itemId, position]);
      await call(() => keep(...keysOf(reader), low, high, asOf, validFrom, ttlSeconds, ...flat));
    },
  };
};
