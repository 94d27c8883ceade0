import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, test } from 'vitest';

const folder = join(cloneDir, 'docs/how-to');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

/** Returns the page with every code block that names a file holding that file. */
const withFiles = (markdown: string): string =>
  markdown.replace(
    /^```(\w+) (examples\/\S+)\n[\s\S]*?^```$/gm,
    (_block, language: string, file: string) =>
      `\`\`\`${language} ${file}\n${readFileSync(join(cloneDir, file), 'utf8')}\`\`\``,
  );

test.each(pages)(
  'docs/how-to/%s shows the files that the tests build (`-u` brings it in step)',
  async (page) => {
    const path = join(folder, page);
    await expect(withFiles(readFileSync(path, 'utf8'))).toMatchFileSnapshot(path);
  },
);

test('every file of an example that a reader needs is in a guide', () => {
  const shown = pages.flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/^```\w+ examples\/clients\/(\S+)$/gm)].map(
      ([, file]) => file,
    ),
  );
  expect(shown).toEqual(
    expect.arrayContaining(['apollo/client.ts', 'apollo/feed.tsx', 'urql/client.ts', 'live/resume.ts']),
  );
});
