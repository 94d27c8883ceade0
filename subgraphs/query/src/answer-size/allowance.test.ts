import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAllowance } from './allowance.ts';

const tooLarge = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'query' } });

describe('the allowance of an answer', () => {
  it('is never exceeded, and stops a page only at the item that does not fit', () => {
    const items = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.tuple(items, fc.boolean()), { maxLength: 10 }), (pages) => {
        const allowance = createAllowance(1_000);
        let left = 1_000;
        for (const [bytes, sharing] of pages) {
          const count = allowance.useForPage(bytes, sharing);
          const used = bytes.slice(0, count).reduce((sum, one) => sum + one, 0);
          const next = bytes[count];
          const most = count > 1 && sharing ? left / 2 : left;
          expect(used).toBeLessThanOrEqual(most);
          if (next !== undefined) expect(used + next).toBeGreaterThan(count > 0 && sharing ? left / 2 : left);
          left -= used;
        }
      }),
    );
  });

  it('refuses what cannot be left out', () => {
    const allowance = createAllowance(100);
    allowance.use(60);
    expect(() => allowance.use(41)).toThrow(tooLarge);
    allowance.use(40);
    expect(allowance.useForPage([1], false)).toBe(0);
  });

  it('refuses a page whose first item does not fit into any response, so that paging always advances', () => {
    expect(() => createAllowance(100).useForPage([101], false)).toThrow(tooLarge);
    expect(createAllowance(100).useForPage([100], true)).toBe(1);
  });
});
