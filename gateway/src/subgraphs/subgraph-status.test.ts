import { expect, test } from 'vitest';
import { readRetryAfter } from './subgraph-status.ts';

const now = Date.parse('2030-01-01T00:00:00Z');

test.each([
  [undefined, undefined],
  ['7', 7],
  [' 7 ', 7],
  ['0', 1],
  ['99999999999', 3_600],
  ['Tue, 01 Jan 2030 00:00:30 GMT', 30],
  ['Mon, 31 Dec 2029 00:00:00 GMT', 1],
  ['soon', undefined],
  ['', undefined],
])('Retry-After: %s', (header, seconds) => {
  expect(readRetryAfter(header, now)).toBe(seconds);
});
