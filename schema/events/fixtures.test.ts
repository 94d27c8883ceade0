import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verbOfDataType } from './define.ts';
import { type EventKind, eventKinds, readEvent, writeEvent } from './index.ts';

/** An event as it was once recorded, and its data as read today. */
interface Fixture {
  readonly recorded: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

const folder = new URL('./fixtures/', import.meta.url);
const kinds = Object.values<EventKind>(eventKinds);
const fixturesOf = (file: string): Fixture[] => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

test.each(
  kinds.flatMap((kind) =>
    Array.from({ length: kind.version }, (_, i) => ({ kind, file: `${kind.name}.v${i + 1}.json` })),
  ),
)('events recorded as $file can still be read', ({ kind, file }) => {
  const recordings = fixturesOf(file);
  expect(recordings.length).toBeGreaterThan(0);
  for (const { recorded, data } of recordings) {
    expect(recorded.type).toBe(file.replace('.json', ''));
    const event = readEvent(recorded);
    expect(event).toMatchObject({ name: kind.name, type: `${kind.name}.v${kind.version}` });
    if (kind.verb !== verbOfDataType) expect(event.verb).toBe(kind.verb);
    expect(event.data).toEqual(data);
    // Reading and writing loses nothing of the envelope.
    expect(writeEvent(event)).toEqual({ ...recorded, type: event.type, data });
  }
});

describe('the fixtures', () => {
  test('are of kinds that exist, in versions that exist', () => {
    for (const file of readdirSync(folder)) {
      const [, name, version] = /^(.*)\.v([0-9]+)\.json$/.exec(file) ?? [];
      const kind = kinds.find((k) => k.name === name);
      expect(kind, file).toBeDefined();
      expect(Number(version), file).toBeLessThanOrEqual(kind?.version ?? 0);
    }
  });

  test('have a path of upcasters from every version to the current one', () => {
    for (const kind of kinds) {
      expect(existsSync(new URL(`${kind.name}.v1.json`, folder))).toBe(true);
      expect(Object.keys(kind.upcast)).toEqual(
        Array.from({ length: kind.version - 1 }, (_, i) => `${i + 1}`),
      );
    }
  });
});
