import { newId } from '@rookery/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCursors, defineCursorKind } from './cursor.ts';

const [older, newer] = ['c'.repeat(32), 'd'.repeat(32)];
const cursors = createCursors({ current: [older] });
const [feed, friendsFeed, ownItem] = [
  { name: 'feed' },
  { name: 'friendsFeed' },
  { name: 'ownItem' },
] as const;
const alice = newId();
const bob = newId();
const refused = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'after' } });

describe('cursors', () => {
  it('have kinds with different names', () => {
    defineCursorKind('twice');
    expect(() => defineCursorKind('twice')).toThrow('two kinds of cursors are called twice');
  });

  it('come back as they were written, and read as none where there is none', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (position) => {
        expect(cursors.read(feed, alice, cursors.write(feed, alice, position))).toBe(position);
      }),
    );
    expect(cursors.read(feed, alice, null)).toBeUndefined();
    expect(cursors.read(feed, alice, undefined)).toBeUndefined();
  });

  it('of older versions are read, and are written as they were', () => {
    const [owner, cursor] = ['0198c0de-0000-7000-8000-000000000001', 'AAAAAAdbzRUcxktYaVmYb8mczHcjzYTZ'];
    expect(cursors.read(friendsFeed, owner, cursor)).toBe(123_456_789);
    expect(cursors.write(friendsFeed, owner, 123_456_789)).toBe(cursor);
  });

  it('of several kinds are read if the list accepts them, and by the argument that brought them', () => {
    const cursor = cursors.write(ownItem, alice, 7);
    expect(cursors.read([feed, ownItem], alice, cursor, 'before')).toBe(7);
    expect(() => cursors.read(feed, alice, cursor, 'before')).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'before' } }),
    );
    expect(() => cursors.read([feed, ownItem], bob, cursor)).toThrow(refused);
  });

  it('are refused for another owner, another list and under another key', () => {
    const cursor = cursors.write(friendsFeed, alice, 7);
    expect(() => cursors.read(friendsFeed, bob, cursor)).toThrow(refused);
    expect(() => cursors.read(feed, alice, cursor)).toThrow(refused);
    expect(() => createCursors({ current: [newer] }).read(friendsFeed, alice, cursor)).toThrow(refused);
  });

  it('stay valid at every step of a rotation, on replicas that are one step apart', () => {
    const steps = [[older], [older, newer], [newer, older], [newer]];
    fc.assert(
      fc.property(
        fc.nat(steps.length - 1),
        fc.integer({ min: -1, max: 1 }),
        fc.maxSafeNat(),
        (at, apart, position) => {
          const writer = createCursors({ current: steps[at] ?? [] });
          const reader = createCursors({ current: steps[at + apart] ?? steps[at] ?? [] });
          expect(reader.read(feed, alice, writer.write(feed, alice, position))).toBe(position);
        },
      ),
    );
  });

  it('are signed by the secret that is the first one at that moment', () => {
    const secrets = { current: [older] };
    const rotating = createCursors(secrets);
    const before = rotating.write(feed, alice, 7);
    secrets.current = [newer, older];
    expect(rotating.read(feed, alice, before)).toBe(7);
    expect(createCursors({ current: [newer] }).read(feed, alice, rotating.write(feed, alice, 8))).toBe(8);
    secrets.current = [newer];
    expect(() => rotating.read(feed, alice, before)).toThrow(refused);
  });

  it('are refused after any change of their text', () => {
    const cursor = cursors.write(feed, alice, 123_456);
    fc.assert(
      fc.property(fc.nat(cursor.length), fc.constantFrom('', 'A', 'z', '-', '!', ' ', '='), (at, other) => {
        for (const forged of [
          cursor.slice(0, at) + other + cursor.slice(at + 1),
          cursor.slice(0, at) + other + cursor.slice(at),
        ]) {
          if (forged !== cursor) expect(() => cursors.read(feed, alice, forged)).toThrow(refused);
        }
      }),
    );
  });

  it('are refused if they are arbitrary text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => cursors.read(feed, alice, text)).toThrow(refused);
      }),
    );
  });
});
