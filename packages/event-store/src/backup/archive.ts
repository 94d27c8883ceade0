import { z } from 'zod';
import type { ChainLink, Hash } from '../chain.ts';
import { readLines } from './lines.ts';
import {
  BackupCorruptError,
  demandWhole,
  type EventPart,
  endOf,
  type Manifest,
  readManifest,
} from './manifest.ts';

/** An event in a backup. */
export interface ArchivedRow extends ChainLink {
  readonly hash: Hash;
}

/** Line of a file of events. */
const line = z.strictObject({
  position: z.int().min(1),
  recordedAt: z.iso.datetime({ precision: 3 }),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  event: z.string(),
});

/** @throws ZodError if it is not a line of a backup */
export const readRow = (input: unknown): ArchivedRow => {
  const { position, recordedAt, hash, event: text } = line.parse(input);
  return { position, recordedAt, text, hash: Buffer.from(hash, 'hex') };
};

/** Archived partitions of the event store, in the format of a backup. */
export interface EventArchive {
  /**
   * Returns at most `limit` events after a position, in order.
   * @throws BackupCorruptError if the folder lacks them, or holds something else
   */
  rows(after: number, limit: number): Promise<ArchivedRow[]>;
}

/** Number of files whose events are held in memory: most readers go through the history in order. */
const maxHeld = 2;

/** Opens the folder of a backup. Each file is read as a whole, after its checksum is verified, because it is compressed. */
export const openArchive = (dir: string): EventArchive => {
  const held = new Map<string, Promise<ArchivedRow[]>>();
  let manifest: Manifest | undefined;

  /** Returns the files of the backup, which only grows: the manifest is read again only if it ends before this position. */
  const partsUpTo = async (position: number): Promise<readonly EventPart[]> => {
    if (manifest === undefined || endOf(manifest) < position) manifest = await readManifest(dir);
    if (!manifest) throw new BackupCorruptError(`${dir} holds no archived events`);
    return manifest.events;
  };

  const load = async (part: EventPart): Promise<ArchivedRow[]> => {
    await demandWhole(dir, part);
    const rows: ArchivedRow[] = [];
    for await (const one of readLines(dir, part.file)) rows.push(readRow(one));
    if (rows.length !== part.to - part.from + 1)
      throw new BackupCorruptError(`${part.file} lacks events: it has ${rows.length}`);
    return rows;
  };

  const hold = (part: EventPart): Promise<ArchivedRow[]> => {
    const found = held.get(part.file) ?? load(part);
    // The last one used is the last one in the map.
    held.delete(part.file);
    held.set(part.file, found);
    for (const file of held.keys()) if (held.size > maxHeld) held.delete(file);
    found.catch(() => {
      held.delete(part.file);
      manifest = undefined;
    });
    return found;
  };

  return {
    async rows(after, limit) {
      const rows: ArchivedRow[] = [];
      for (const part of await partsUpTo(after + limit)) {
        if (part.to <= after) continue;
        if (rows.length >= limit) break;
        const start = Math.max(0, after + 1 - part.from);
        rows.push(...(await hold(part)).slice(start, start + limit - rows.length));
      }
      if (rows[0]?.position !== after + 1)
        throw new BackupCorruptError(`${dir} has no event at position ${after + 1}`);
      return rows;
    },
  };
};
