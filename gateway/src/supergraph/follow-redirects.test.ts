import { expect, test } from 'vitest';
import { nextAddress } from './follow-redirects.ts';

const from = new URL('https://registry.example/graphs/1?x=y');

test.each([
  ['/graphs/2', 'https://registry.example/graphs/2'],
  ['https://storage.example/2', 'https://storage.example/2'],
])('a redirect to %s is followed', (location, to) => {
  expect(nextAddress(from, location).href).toBe(to);
});

test.each([
  ['http://registry.example/graphs/2', 'redirected from https to http'],
  ['javascript:alert(1)', 'redirected to no http(s) address'],
  ['https://', 'redirected to no http(s) address'],
  [undefined, 'redirected to no http(s) address'],
])('a redirect to %s is not', (location, why) => {
  expect(() => nextAddress(from, location)).toThrow(why);
});
