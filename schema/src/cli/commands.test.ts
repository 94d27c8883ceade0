import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { commands } from './commands.ts';

const dir = mkdtempSync(join(tmpdir(), 'rookery-schema-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const config = join(dir, 'rookery-schema.json');
const now = new Date().toISOString();
const client = { name: 'web', version: '2' };
const operations = [{ document: 'query Old { old }', client, count: 7, lastSeen: now }];
const write = (name: string, content: unknown) =>
  writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));

write(
  'shop.graphql',
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@tag"])
type Query { "All items." items: [Int] @tag(name: "partner")  old: Int @deprecated  older: Int @deprecated }
`,
);
write('usage.json', { version: 1, from: now, to: now, operations });
write('rookery-schema.json', {
  subgraphs: { shop: { sdl: 'shop.graphql' } },
  usage: 'usage.json',
  contracts: [{ name: 'partner', include: ['partner'] }],
});
write('unknown.json', { subgraphs: { shop: { sdl: 'shop.graphql' } } });

const run = async (name: string, ...args: string[]) => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => lines.push(String(line)));
  const code = await commands.find((command) => command.name === name)?.run(args);
  return [code, ...lines];
};

test.each<[args: string[], expected: unknown[]]>([
  [
    ['unused', '--config', config],
    [0, 'Query.items\nQuery.older'],
  ],
  [
    ['deprecated', '--config', config, '--used'],
    [0, 'Query.old: 7 requests by Old of web 2'],
  ],
  [
    ['contract', 'partner', '--config', config],
    [0, 'type Query {\n  """All items."""\n  items: [Int]\n}'],
  ],
  [
    ['contract', 'nobody', '--config', config],
    [2, expect.stringContaining('no contract is called nobody; the configuration has partner')],
  ],
  [
    ['unused', '--config', join(dir, 'unknown.json')],
    [2, expect.stringContaining('no operation is known in the window')],
  ],
])('%j', async ([name = '', ...args], expected) => {
  expect(await run(name, ...args)).toEqual(expected);
});

test('docs writes a page with every field', async () => {
  const out = join(dir, 'api.md');
  expect(await run('docs', '--config', config, '--out', out)).toEqual([0]);
  expect(readFileSync(out, 'utf8')).toContain('| `items: [Int]` | All items. |');
});
