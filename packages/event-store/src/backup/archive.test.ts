import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openArchive } from './archive.ts';
import { writeLines } from './lines.ts';
import { type EventPart, writeManifest } from './manifest.ts';

const folder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-archive-'));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
};

/** Adds a file with two events to a backup. */
const extend = async (dir: string, parts: readonly EventPart[]): Promise<readonly EventPart[]> => {
  const from = parts.length * 2 + 1;
  const hash = '0'.repeat(64);
  const lines = async function* () {
    for (const position of [from, from + 1])
      yield { position, recordedAt: '2026-01-01T00:00:00.000Z', hash, event: `event ${position}` };
  };
  const written = await writeLines(dir, `events-${from}.jsonl.gz`, lines());
  const all = [...parts, { ...written, from, to: from + 1, hash }];
  await writeManifest(dir, { format: 'rookery-backup-1', events: all, tables: null });
  return all;
};

it('shows what a backup gets after the archive was opened, and reads no manifest for what it knows', async () => {
  using backup = folder();
  const { dir } = backup;
  const archive = openArchive(dir);
  const textsOf = async (after: number, limit: number) =>
    (await archive.rows(after, limit)).map(({ text }) => text);
  await expect(textsOf(0, 1)).rejects.toThrow('holds no archived events');
  const parts = await extend(dir, []);
  expect(await textsOf(0, 2)).toEqual(['event 1', 'event 2']);
  await extend(dir, parts);
  expect(await textsOf(1, 2)).toEqual(['event 2', 'event 3']);
  rmSync(join(dir, 'manifest.json'));
  expect(await textsOf(2, 2)).toEqual(['event 3', 'event 4']);
  await expect(textsOf(3, 2)).rejects.toThrow('holds no archived events');
});
