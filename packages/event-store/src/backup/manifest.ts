import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A file of a backup does not match its manifest or the store. */
export class BackupCorruptError extends Error {
  override name = 'BackupCorruptError';
}

const file = z.strictObject({
  file: z.string().regex(/^[\w.-]+$/),
  bytes: z.int().min(0),
  /** SHA-256 of the file, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Number of lines. */
  rows: z.int().min(0),
});

const eventPart = file.extend({ from: z.int(), to: z.int(), hash: z.string() });

const manifest = z.strictObject({
  format: z.literal('rookery-backup-1'),
  /** Contiguous ranges of the event store, from position 1. */
  events: z.array(eventPart),
  /** Accounts and dead letters. Null until the export has completed. */
  tables: z.array(file).nullable(),
});

export type Manifest = z.infer<typeof manifest>;
export type PartFile = z.infer<typeof file>;
export type EventPart = z.infer<typeof eventPart>;

/** Returns the last position in a backup; 0 if it has no events. */
export const endOf = ({ events }: Pick<Manifest, 'events'>): number => events.at(-1)?.to ?? 0;

const name = 'manifest.json';

/**
 * Reads the manifest; undefined if there is none.
 * @throws BackupCorruptError if it is unreadable
 */
export const readManifest = async (dir: string): Promise<Manifest | undefined> => {
  let text: string;
  try {
    text = await readFile(join(dir, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new BackupCorruptError(`${name} is not that of a backup`, { cause });
  }
};

/** Writes the manifest atomically. */
export const writeManifest = async (dir: string, content: Manifest): Promise<void> => {
  const path = join(dir, name);
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
};

/** Returns size and checksum of a file, which is read as a stream. */
export const measure = async (path: string): Promise<Pick<PartFile, 'bytes' | 'sha256'>> => {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
};

/** @throws BackupCorruptError */
export const demandWhole = async (dir: string, part: PartFile): Promise<void> => {
  const found = await measure(join(dir, part.file)).catch((cause) => {
    throw new BackupCorruptError(`${part.file} is not readable`, { cause });
  });
  if (found.bytes !== part.bytes || found.sha256 !== part.sha256) {
    throw new BackupCorruptError(`${part.file} is not what the manifest says: its checksum differs`);
  }
};
