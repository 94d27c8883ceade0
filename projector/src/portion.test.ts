import { DocumentsUnavailableError } from '@rookery/document-store';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPortion } from './portion.ts';

it('completes with a store that handles only small batches in time, and never exceeds the maximum', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      async (most, slow) => {
        const portion = createPortion(most);
        let [left, tries] = [1_000, 0];
        // Allows few more attempts than the minimum, failed ones included.
        const bound = 20 + (4 * 1_000) / Math.min(most, slow);
        while (left > 0) {
          const some = Math.min(left, portion.size);
          expect(some).toBeLessThanOrEqual(most);
          expect(++tries).toBeLessThan(bound);
          const answered = portion.tried(async () => {
            if (some > slow) throw new DocumentsUnavailableError('too slow');
            left -= some;
          });
          await answered.catch((error: unknown) => expect(error).toBeInstanceOf(DocumentsUnavailableError));
        }
      },
    ),
  );
});

it('keeps the size after a failure other than a timeout', async () => {
  const portion = createPortion(100);
  const failing = portion.tried(async () => {
    throw new TypeError('not the store');
  });
  await expect(failing).rejects.toThrow(TypeError);
  expect(portion.size).toBe(100);
});
