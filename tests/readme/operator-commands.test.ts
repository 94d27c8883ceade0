import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commands } from '@rookery/ops';
import { expect, test } from 'vitest';

const path = fileURLToPath(new URL('../../docs/reference/operator-commands.md', import.meta.url));

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/<([^>]+)>/g, '`<$1>`');

const sections = Object.entries(commands).map(([name, { about, help, positionals = '' }]) => {
  const usage = ['npm run ops --', name, positionals].join(' ').trim();
  const options = help.map(
    ([option, meaning]) => `| \`${option.replaceAll('|', '\\|')}\` | ${cell(meaning)} |`,
  );
  const table = options.length === 0 ? '' : `\n| option | |\n|---|---|\n${options.join('\n')}\n`;
  return `## ${name}\n\n\`${usage}\`\n\n${about}.\n${table}`;
});

test('docs/reference/operator-commands.md lists the commands in the code (`-u` brings it in step)', async () => {
  const page = readFileSync(path, 'utf8');
  const generated = page.replace(
    /(<!-- commands: [^>]+ -->\n)[\s\S]*(<!-- \/commands -->)/,
    (_all, begin: string, end: string) => `${begin}\n${sections.join('\n')}\n${end}`,
  );
  await expect(generated).toMatchFileSnapshot(path);
});
