import type { lookup } from 'node:dns';
import { expect, test } from 'vitest';
import { guardedLookup, isPublic, readTarget } from './targets.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.0.1',
  '192.168.1.1',
  '0.0.0.0',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
])('%s is not public', (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(['1.1.1.1', '172.32.0.1', '2606:4700:4700::1111'])('%s is public', (address) => {
  expect(isPublic(address)).toBe(true);
});

test.each([
  ['http://hooks.example/', /https/],
  ['http://127.0.0.1/', /https/],
  ['https://127.0.0.1/', /public Internet/],
  ['https://0x7f.1/', /public Internet/],
  ['https://2130706433/', /public Internet/],
  ['https://[::1]/', /public Internet/],
  ['https://[::ffff:10.0.0.1]/', /public Internet/],
  ['https://localhost/', /public Internet/],
  ['https://ada:secret@hooks.example/', /password/],
  ['ftp://hooks.example/', /https/],
  ['hooks', /https/],
])('%s is refused unless private addresses are permitted', (url, reason) => {
  expect(() => readTarget(url, 'public')).toThrow(reason);
});

test('private addresses are permitted by configuration, and http to this machine alone', () => {
  for (const url of ['https://10.0.0.1/', 'http://127.0.0.1:1/x', 'http://[::1]/', 'http://localhost/'])
    expect(readTarget(url, 'private').href).toContain(new URL(url).host);
  for (const url of ['http://10.0.0.1/', 'http://hooks.example/'])
    expect(() => readTarget(url, 'private')).toThrow(/https/);
});

/** Resolves every name to these addresses. */
const resolvesTo = (...addresses: string[]) =>
  ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

const look = (resolve: typeof lookup, targets: 'public' | 'private', all: boolean) =>
  new Promise((settle) =>
    guardedLookup(targets, resolve)('hooks.example', { all }, (error, found) =>
      settle(error?.message ?? found),
    ),
  );

test('a name that leads to a private address is refused when something is sent', async () => {
  const rebound = resolvesTo('1.1.1.1', '10.0.0.1');
  expect(await look(rebound, 'public', true)).toMatch(/not public/);
  expect(await look(rebound, 'public', false)).toMatch(/not public/);
  expect(await look(rebound, 'private', false)).toBe('1.1.1.1');
  expect(await look(resolvesTo('1.1.1.1'), 'public', true)).toEqual([{ address: '1.1.1.1', family: 4 }]);
});
