import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@rookery/command-line';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { pullRequestOfCi, readPullRequest } from './pull-request.ts';

const dir = mkdtempSync(join(tmpdir(), 'rookery-pull-request-'));
const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, stdio: 'ignore' });
const variables = [
  'GITHUB_REPOSITORY',
  'GITHUB_REF',
  'CI_MERGE_REQUEST_PROJECT_PATH',
  'CI_MERGE_REQUEST_IID',
  'CI_PROJECT_PATH',
];
git('init', '--quiet');
git('remote', 'add', 'origin', 'https://git.example/acme/reviews.git');

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, undefined);
  vi.stubEnv('INIT_CWD', dir);
  return () => vi.unstubAllEnvs();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const setAll = (settings: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
};

test.each<[settings: Record<string, string>, expected: string | undefined]>([
  [{ GITHUB_REF: 'refs/pull/12/merge', GITHUB_REPOSITORY: 'Acme/Shop' }, 'acme/shop#12'],
  [{ GITHUB_REF: 'refs/heads/main', GITHUB_REPOSITORY: 'acme/shop' }, undefined],
  [
    {
      CI_MERGE_REQUEST_IID: '3',
      CI_MERGE_REQUEST_PROJECT_PATH: 'group/sub/shop',
      CI_PROJECT_PATH: 'fork/shop',
    },
    'group/sub/shop#3',
  ],
  [{ CI_PROJECT_PATH: 'group/shop' }, undefined],
  [{}, undefined],
])('CI with %j runs for the pull request %s', (settings, expected) => {
  setAll(settings);
  expect(pullRequestOfCi()).toBe(expected);
});

test.each([
  ['https://git.example/Acme/reviews.git', 'acme/reviews#7'],
  ['https://user@git.example:8443/acme/reviews', 'acme/reviews#7'],
  ['git@git.example:group/sub/reviews.git', 'group/sub/reviews#7'],
  ['ssh://git@git.example:2222/acme/reviews.git/', 'acme/reviews#7'],
])('a number belongs to the repository at %s', (url, expected) => {
  git('remote', 'set-url', 'origin', url);
  expect(readPullRequest('7')).toBe(expected);
  expect(readPullRequest('other/one#7')).toBe('other/one#7');
});

test('a number without a repository, and what is no number, are refused', () => {
  git('remote', 'set-url', 'origin', '/srv/reviews');
  expect(() => readPullRequest('7')).toThrow(/^name the repository .* acme\/reviews#7$/);
  for (const text of ['', '#7', 'acme/reviews', '7a', 'a b#7'])
    expect(() => readPullRequest(text), text).toThrow(UsageError);
});
