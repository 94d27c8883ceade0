import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSeen } from './seen.ts';

it('never denies an id that was added, however full it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { maxLength: 300 }),
      fc.integer({ min: 0, max: 20 }),
      (ids, expected) => {
        const seen = createSeen(expected);
        for (const id of ids) seen.add(id);
        for (const id of ids) expect(seen.add(id)).toBe(true);
      },
    ),
  );
});

it('rarely confirms an id that was not added', () => {
  const many = 20_000;
  const seen = createSeen(many);
  let wrong = 0;
  for (let i = 0; i < many; i++)
    if (seen.add(`01980000-0000-7000-8000-${String(i).padStart(12, '0')}`)) wrong += 1;
  expect(wrong).toBeLessThan(many / 100);
});
