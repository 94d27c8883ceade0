import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LastGoodFile } from './last-good-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'rookery-last-good-'));
const path = join(dir, 'last-good');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the newest of several texts kept at once stays, and nothing is left beside it', async () => {
  await using file = new LastGoodFile(path);
  await Promise.all(['one', 'two', 'three'].map((text) => file.keep(text)));
  expect(await file.read()).toBe('three');
  expect(readdirSync(dir)).toEqual(['last-good']);
});

test('disposal waits for the text being written, and drops those that come later', async () => {
  const file = new LastGoodFile(path);
  // Large enough that writing it takes several turns of the event loop.
  const large = 'x'.repeat(8_000_000);
  const kept = file.keep(large);
  await Promise.resolve();
  await file[Symbol.asyncDispose]();
  expect(readdirSync(dir)).toEqual(['last-good']);
  await kept;
  await file.keep('late');
  expect(['three', large]).toContain(readFileSync(path, 'utf8'));
});

test('a failed write is reported, and the next one is tried', async () => {
  await using file = new LastGoodFile(join(dir, 'missing', 'last-good'));
  await expect(file.keep('one')).rejects.toThrow('ENOENT');
  await expect(file.keep('two')).rejects.toThrow('ENOENT');
  expect(await file.read()).toBeUndefined();
});
