import { expect, test } from 'vitest';
import { failuresOf, followChanges, guides, typeErrorsOf } from './follow-changes.ts';

test('the tests that the guides name pass on the code that they give, and its page works through the gateway', {
  timeout: 1_800_000,
}, () => {
  using copy = followChanges(...guides);
  expect(typeErrorsOf(copy)).toBe('');
  expect(failuresOf(copy, ...new Set([...copy.tests.flat(), 'tests/e2e/highlights']))).toBe('');
});
