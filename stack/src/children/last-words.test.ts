import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lastWords } from './last-words.ts';

const dir = mkdtempSync(join(tmpdir(), 'last-words-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const log = (...lines: string[]): string => {
  const file = join(dir, 'process.log');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
};
const fatal = JSON.stringify({
  level: 'fatal',
  msg: 'failed to start',
  error: { message: 'port 4001 is taken' },
});

test.each([
  [
    'the fatal line',
    ['{"level":"info","msg":"listening"}', fatal, '{"level":"info","msg":"stopped, 0 failed"}'],
    ': failed to start: port 4001 is taken',
  ],
  [
    'a wrong setting',
    ['mutation: LOG_LEVEL is wrong: use info', 'bye'],
    ': mutation: LOG_LEVEL is wrong: use info',
  ],
  ['the last line', ['one', 'two', ''], ': two'],
  ['nothing', [''], ''],
])('shows %s', (_, lines, expected) => {
  expect(lastWords(log(...lines))).toBe(expected);
});

test('what an earlier run said is not shown', () => {
  const earlier = `${fatal}\n`;
  const file = log(fatal, '{"level":"warn","msg":"no database"}');
  expect(lastWords(file, earlier.length)).toBe(': {"level":"warn","msg":"no database"}');
  expect(lastWords(log(fatal), earlier.length)).toBe('');
});

test('a missing log has no words', () => {
  expect(lastWords(join(dir, 'missing.log'))).toBe('');
  expect(lastWords(undefined)).toBe('');
});
