import { DocumentsUnavailableError } from '@rookery/document-store';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAdaptiveBatchSize } from './adaptive-batch-size.ts';

it('completes with a store that handles only small batches in time, and never exceeds the maximum', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      async (most, slow) => {
        const adaptiveSize = createAdaptiveBatchSize(most);
        let [left, tries] = [1_000, 0];
        // Allows few more attempts than the minimum, failed ones included.
        const bound = 20 + (4 * 1_000) / Math.min(most, slow);
        while (left > 0) {
          const some = Math.min(left, adaptiveSize.size);
          expect(some).toBeLessThanOrEqual(most);
          expect(++tries).toBeLessThan(bound);
          const answered = adaptiveSize.tried(async () => {
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
  const adaptiveSize = createAdaptiveBatchSize(100);
  const failing = adaptiveSize.tried(async () => {
    throw new TypeError('not the store');
  });
  await expect(failing).rejects.toThrow(TypeError);
  expect(adaptiveSize.size).toBe(100);
});
