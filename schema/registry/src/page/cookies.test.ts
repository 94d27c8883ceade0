import { expect, test } from 'vitest';
import { sessionCookie, sessionIn } from './cookies.ts';

test.each([
  ['registry.example', true],
  ['127.0.0.1.evil.example', true],
  ['localhost.evil.example:4006', true],
  [undefined, true],
  ['127.0.0.1:4006', false],
  ['localhost:4006', false],
  ['[::1]:4006', false],
])('the cookie for the host %s is secure: %s', (host, isSecure) => {
  expect(sessionCookie('x', host).includes('; Secure')).toBe(isSecure);
  expect(sessionCookie('x', host)).toContain('; HttpOnly; SameSite=Strict');
});

test('a session is found among other cookies', () => {
  expect(sessionIn('a=b; rookery_registry=secret; c=d')).toBe('secret');
  expect(sessionIn('other_rookery_registry=secret')).toBeUndefined();
  expect(sessionIn(undefined)).toBeUndefined();
});
