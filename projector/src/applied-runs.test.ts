import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppliedRuns } from './applied-runs.ts';

const positions = fc.integer({ min: 1, max: 30 });
const step = fc.oneof(
  fc.record({ add: fc.array(positions, { maxLength: 6 }) }),
  fc.record({ forget: fc.nat(30) }),
);

it('ends at the first hole, whatever is added and forgotten in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.nat(31), (steps, from) => {
      const runs = new AppliedRuns();
      let model: number[] = [];
      for (const one of steps) {
        if ('add' in one) {
          runs.add(one.add);
          model.push(...one.add);
        } else {
          runs.forget(one.forget);
          model = model.filter((position) => position > one.forget);
        }
      }
      let end = from;
      while (model.includes(end + 1)) end++;
      expect(runs.endOfRunAfter(from)).toBe(end);
    }),
    { numRuns: 500 },
  );
});

it('forgets everything rather than grow without bound', () => {
  const runs = new AppliedRuns();
  runs.add(Array.from({ length: 20_000 }, (_, i) => 2 * i));
  expect(runs.endOfRunAfter(1)).toBe(1);
});
