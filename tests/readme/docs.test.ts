import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeCodes } from '@rookery/gateway';
import { errorCodes } from '@rookery/runtime';
import { CloseCode } from 'graphql-ws';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.endsWith('codes.md'))
  .map((file) => `docs/${file}`);
const codesPage = read('docs/reference/codes.md');

test('docs/reference/codes.md lists every error code with its status', () => {
  const rows = [...codesPage.matchAll(/^\| `([A-Z_]+)` \| ([0-9]{3}) \|/gm)];
  expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(errorCodes);
});

const closeRows = [...codesPage.matchAll(/^\| ([0-9]{4}) \| ([^|]*)\| [^|]+\| (yes|no)\b/gm)].map(
  ([, code, reason = '', again]) => ({ code: Number(code), reason: reason.trim(), again }),
);

test('docs/reference/codes.md lists every code with which the gateway closes a socket', () => {
  const own = Object.values(closeCodes).map(({ code, reason }) => ({
    code: code as number,
    reason: reason as string,
  }));
  const libraries = [
    { code: 1009, reason: '' }, // ws: a message that is too large
    { code: CloseCode.SubprotocolNotAcceptable, reason: 'Subprotocol not acceptable' },
    { code: CloseCode.ConnectionInitialisationTimeout, reason: 'Connection initialisation timeout' },
    { code: CloseCode.SubscriberAlreadyExists, reason: 'Subscriber already exists' },
    { code: CloseCode.TooManyInitialisationRequests, reason: 'Too many initialisation requests' },
  ];
  expect(closeRows.map(({ code, reason }) => ({ code, reason }))).toEqual(
    [...own, ...libraries].sort((a, b) => a.code - b.code),
  );
});

test('the client of the guides connects again after the codes for which the table says so', () => {
  const [, list = ''] =
    /permanentCloseCodes = \[([^\]]+)\]/.exec(read('examples/clients/live/resume.ts')) ?? [];
  const final = closeRows.filter(({ again }) => again === 'no').map(({ code }) => code);
  expect(list.split(', ').map(Number)).toEqual(final);
});

test.each(pages)('%s does not repeat the tables of codes', (page) => {
  const codes = [
    ...Object.keys(errorCodes).map((code) => `\`${code}\``),
    ...closeRows.map(({ code }) => String(code)),
  ];
  const rows = read(page)
    .split('\n')
    .filter((line) => codes.some((code) => line.startsWith(`| ${code} |`)));
  expect(rows.length).toBeLessThan(5); // a guide may have the few of its task
});

test('docs/reference/packages.md lists every package', () => {
  const listed = [...read('docs/reference/packages.md').matchAll(/^\| `([\w-]+)` \|/gm)].map(
    ([, name]) => name,
  );
  const packages = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'package.json')),
  );
  expect(listed.sort()).toEqual(packages.sort());
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
