import { DocumentsUnavailable } from '@rookery/stores/documents';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPortion } from './portion.ts';

it('comes to an end with a store that answers so few in time, and gives no more than it may', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      async (most, slow) => {
        const portion = createPortion(most);
        let [left, tries] = [1_000, 0];
        // Not many more than there have to be, those that fail included.
        const bound = 20 + (4 * 1_000) / Math.min(most, slow);
        while (left > 0) {
          const some = Math.min(left, portion.size);
          expect(some).toBeLessThanOrEqual(most);
          expect(++tries).toBeLessThan(bound);
          const answered = portion.tried(async () => {
            if (some > slow) throw new DocumentsUnavailable('too slow');
            left -= some;
          });
          await answered.catch((error: unknown) => expect(error).toBeInstanceOf(DocumentsUnavailable));
        }
      },
    ),
  );
});

it('makes nothing smaller for what goes wrong for another reason', async () => {
  const portion = createPortion(100);
  const failing = portion.tried(async () => {
    throw new TypeError('not the store');
  });
  await expect(failing).rejects.toThrow(TypeError);
  expect(portion.size).toBe(100);
});
