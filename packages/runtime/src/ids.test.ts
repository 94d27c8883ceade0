import fc from 'fast-check';
import { version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { derivedId, isDerivedId, isId, keyedId, newId } from './ids.ts';

describe('ids', () => {
  it('are UUIDv7 when fresh and sort by time', () => {
    const ids = Array.from({ length: 1_000 }, newId);
    expect(ids.every((id) => version(id) === 7 && isId(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });

  it('are a function of actor and key if keyed, and differ if either does', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (actor, key, other) => {
        expect(version(keyedId(actor, key))).toBe(8);
        expect(keyedId(actor, key)).toBe(keyedId(actor, key));
        if (other !== key) expect(keyedId(actor, other)).not.toBe(keyedId(actor, key));
      }),
    );
  });

  it('tell whether they are derived', () => {
    for (const id of [keyedId('ann', 'key'), derivedId('share', 'ann', 'post')])
      expect(isDerivedId(id)).toBe(true);
    for (const id of Array.from({ length: 100 }, newId)) expect(isDerivedId(id)).toBe(false);
  });

  it('are nothing else', () => {
    for (const text of ['', '{"$ne":1}', "' or 1=1", newId().toUpperCase()]) expect(isId(text)).toBe(false);
  });
});
