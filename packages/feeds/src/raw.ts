import type { FeedEntry } from './types.ts';

/* Keys, scripts and replies of Redis. */

export type Script = (...args: (string | number)[]) => Promise<unknown>;

export const keyOf = (reader: string): string => `feed:{${reader}}`;
export const readerOf = (key: string): string => key.slice('feed:{'.length, -1);

/** Reads members and scores, alternately. */
export const toEntries = (raw: readonly string[]): FeedEntry[] => {
  const entries: FeedEntry[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    entries.push({ itemId: raw[i] ?? '', position: Number(raw[i + 1]) });
  return entries;
};
