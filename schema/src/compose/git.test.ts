import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesAt, folderAt } from './git.ts';

test('files of a commit are read as they are, relative to a folder, and missing ones are left out', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-git-'));
  try {
    const root = join(dir, 'a folder');
    const files = {
      plain: 'type Query { a: Int }\n',
      empty: '',
      odd: '"Grüße 🐦"\r\n\n\ntype Query { a: Int }\n\ndeadbeef blob 12\n',
      last: 'no newline at the end',
    };
    mkdirSync(join(root, 'sdl'), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(root, 'sdl', `${name}.graphql`), text);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir });
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '-m', 'sdl');
    rmSync(join(root, 'sdl'), { recursive: true });
    expect(folderAt(root, 'HEAD', 'sdl').sdls).toEqual(files);
    const listed = {
      first: 'sdl/nowhere.graphql',
      second: 'sdl/odd.graphql',
      third: 'nowhere',
      fourth: 'sdl/last.graphql',
    };
    expect(filesAt(root, 'HEAD', listed)).toEqual({
      sdls: { second: files.odd, fourth: files.last },
      files: listed,
    });
    expect(filesAt(root, 'HEAD', {})).toEqual({ sdls: {}, files: {} });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
