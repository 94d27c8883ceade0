import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { closeCodes } from '../../gateway/src/websocket/close-codes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
test('docs/reference/api.md lists every error code with its status', () => {
  const rows = [...read('docs/reference/api.md').matchAll(/^\| `([A-Z_]+)` \| ([0-9]{3}) \|/gm)];
  expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(errorCodes);
});

test('docs/reference/api.md lists every code with which the gateway closes a socket', () => {
  const rows = [...read('docs/reference/api.md').matchAll(/^\| ([0-9]{4}) \| ([^|]+) \|/gm)];
  const documented = new Map(rows.map(([, code, reason]) => [Number(code), reason]));
  for (const { code, reason } of Object.values(closeCodes)) expect(documented.get(code)).toBe(reason);
});

test('docs/reference/live.md says of each of them what a client should do', () => {
  const codes = [...read('docs/reference/live.md').matchAll(/^\| ([0-9]{4}) \|/gm)].map(([, code]) =>
    Number(code),
  );
  expect(codes).toEqual(expect.arrayContaining(Object.values(closeCodes).map(({ code }) => code)));
});

test('README is short', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(200);
});

test('every command that README names can be run', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  const named = [...read('README.md').matchAll(/`?npm run ([a-z:]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(scripts).toEqual(expect.arrayContaining(named));
});
