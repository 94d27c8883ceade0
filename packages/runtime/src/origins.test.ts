import { expect, test } from 'vitest';
import { originExpression, readOriginPattern } from './origins.ts';

const matches = (entry: string, origin: string): boolean =>
  (readOriginPattern(entry) ?? []).some((pattern) => originExpression(pattern).test(origin));

test.each([
  ['https://app.example', 'https://app.example', true],
  ['https://app.example/', 'https://app.example', true],
  ['https://App.Example:443', 'https://app.example', true],
  ['https://app.example', 'http://app.example', false],
  ['https://app.example', 'https://app.example:8443', false],
  ['https://app.example', 'https://app.example.evil.example', false],
  ['https://app.example', 'https://appxexample', false],
  ['localhost:5173', 'http://localhost:5173', true],
  ['localhost:5173', 'https://localhost:5173', true],
  ['localhost:5173', 'http://localhost:3000', false],
  ['127.0.0.1:5173', 'http://127.0.0.1:5173', true],
  ['http://[::1]:5173', 'http://[::1]:5173', true],
  ['capacitor://localhost', 'capacitor://localhost', true],
  ['https://*.preview.example', 'https://pr-12.preview.example', true],
  ['https://*.preview.example', 'https://preview.example', false],
  ['https://*.preview.example', 'https://a.b.preview.example', false],
  ['https://app-*-team.example', 'https://app-x1-team.example', true],
  ['https://app-*-team.example', 'https://app-.evil.example/-team.example', false],
  ['*', 'https://anything.example', true],
])('%s matches %s: %s', (entry, origin, expected) => {
  expect(matches(entry, origin)).toBe(expected);
});

test.each([
  'https://app.example/path',
  'https://a b.example',
  'https://',
  'https://app.example?x',
  '/',
  'a,b',
])('%s is no origin', (entry) => {
  expect(readOriginPattern(entry)).toBeUndefined();
});
