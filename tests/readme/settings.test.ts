import { readFileSync } from 'node:fs';
import { settings } from '@rookery/runtime';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const defaultOf = (fallback: string | undefined): string => {
  if (fallback === undefined) return 'required';
  return fallback === '' ? '' : `\`${fallback}\``;
};

test('docs/reference/settings.md lists the settings in the code', () => {
  const [, shown] =
    /<!-- settings: from packages\/runtime\/src\/settings\.ts -->\n(.*?)<!-- \/settings -->/s.exec(page) ??
    [];
  const rows = Object.entries(settings).map(
    ([name, { fallback, about }]) => `| \`${name}\` | ${defaultOf(fallback)} | ${cell(about)} |`,
  );
  expect(shown?.trim().split('\n')).toEqual(['| variable | default | |', '|---|---|---|', ...rows]);
});
