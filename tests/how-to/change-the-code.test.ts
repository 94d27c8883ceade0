import { expect, test } from 'vitest';
import { complaintsOf, followChanges, guides } from './follow-changes.ts';

test('the guides to add a field, an event and a read model give code that is formatted, typed and generated', () => {
  using copy = followChanges(...guides);
  expect(copy.files.length).toBeGreaterThan(8);
  expect(copy.tests).toHaveLength(guides.length);
  expect(complaintsOf(copy)).toBe('');
});
