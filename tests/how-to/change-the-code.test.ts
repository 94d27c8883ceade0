import { expect, test } from 'vitest';
import { followChanges, formatComplaintsOf, guides } from './follow-changes.ts';

test('the guides to add a field, an event and a read model can be followed and give code that is formatted', () => {
  using copy = followChanges(...guides);
  expect(copy.files.length).toBeGreaterThan(8);
  expect(copy.tests).toHaveLength(guides.length);
  expect(formatComplaintsOf(copy)).toBe('');
});
