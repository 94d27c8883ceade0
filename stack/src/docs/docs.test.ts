import { describe, expect, it } from 'vitest';
import { createTree } from '../tree.ts';
import { diagramFindings } from './diagrams.ts';
import { anchorsOf, brokenLinks, unreachablePages } from './links.ts';
import { missingPages, missingPaths } from './named-paths.ts';
import { misplacedPages, recordFindings } from './records.ts';

const treeOf = (files: Record<string, string>) =>
  createTree(new Map(Object.entries(files).map(([path, text]) => [path, () => text])));

describe('links', () => {
  const files = {
    'docs/b.md': '# One\n\n## `x`, and two\n\n```sh\n# no heading\n```\n',
    'README.md': '# A\n',
  };
  const found = (text: string) =>
    brokenLinks('docs/a.md', treeOf({ ...files, 'docs/a.md': text })).map((f) => f.line);

  it.each([
    '[b](b.md)',
    '[b](b.md#x-and-two)',
    '[up](../README.md)',
    '[web](https://x.invalid/y)',
    '# Me\n[me](#me)',
  ])('accepts %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it.each(['\n[b](c.md)', '\n[b](b.md#two)', '\n[b](b.md#no-heading)', '\n[me](#you)'])(
    'reports %j',
    (text) => {
      expect(found(text)).toEqual([2]);
    },
  );

  it('numbers headings of the same text', () => {
    expect([...anchorsOf('# A b\n## A b\n')]).toEqual(['a-b', 'a-b-1']);
  });
});

it('reports a page to which no chain of links leads', () => {
  const tree = treeOf({
    'README.md': '[a](docs/a.md) [all](docs/how-to/)',
    'docs/a.md': '[b](b.md#x)',
    'docs/b.md': '',
    'docs/c.md': '[a](a.md)',
    'docs/how-to/d.md': '',
  });
  expect(unreachablePages(tree).map(({ path }) => path)).toEqual(['docs/c.md']);
});

describe('named paths', () => {
  const files = {
    'gateway/src/main.ts': '',
    'gateway/src/limits/cost.ts': '',
    'tests/query/pages.test.ts': '',
    'schema/events/post.json': '',
  };
  const found = (text: string) =>
    missingPaths('docs/a.md', treeOf({ ...files, 'docs/a.md': text })).map((f) => f.text.split(': ')[1]);

  it.each([
    '`gateway/src/main.ts`',
    '`gateway/src/limits/cost.ts` and `main.ts`',
    '`gateway/src/main.ts` and `limits/cost.ts`',
    '`gateway/`',
    '`tests/query/pages`',
    '`npm test -- tests/query/pages -t name`',
    '`schema/events/<type>.json`',
    '`application/json`',
    '```ts mine.ts\n```\n`mine.ts`',
  ])('accepts %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it.each([
    ['`gateway/src/gone.ts`', 'gateway/src/gone.ts'],
    ['`gateway/src/main.ts` and `cost.ts`', 'cost.ts'],
    ['`gateway/gone/`', 'gateway/gone/'],
    ['`tests/query/gone`', 'tests/query/gone'],
    ['`npm test -- tests/query/gone`', 'tests/query/gone'],
    ['`schema/commands/<type>.json`', 'schema/commands/<type>.json'],
  ])('reports %j', (text, path) => {
    expect(found(text)).toEqual([path]);
  });

  it('reports a page that code names', () => {
    const tree = treeOf({ 'a.ts': '// see docs/b.md\n// and docs/c.md', 'docs/b.md': '' });
    expect(missingPages('a.ts', tree)).toEqual([{ path: 'a.ts', line: 2, text: 'no such page: docs/c.md' }]);
  });
});

describe('diagrams', () => {
  const found = (diagram: string) =>
    diagramFindings('a.md', treeOf({ 'a.md': `# A\n\n\`\`\`mermaid\n${diagram}\n\`\`\`\n` })).map(
      ({ line }) => line,
    );

  it.each([
    'flowchart LR\n  a([one, two]) -- HTTP --> b[two: three]\n  b --> c{yes?} -. no .-> d[(store)]',
    'sequenceDiagram\n  participant A as one\n  participant B as two\n  A->>B: ask (1)\n  B-->>A: answer',
  ])('accepts %j', (diagram) => {
    expect(found(diagram)).toEqual([]);
  });

  it.each([
    ['flowchart LR\n  a -->', 5],
    ['flowchart LR\n  a --> b[open', 5],
    ['flowchart LR\n  a --> b[an (inner) one]', 5],
    ['sequenceDiagram\n  participant A as one\n  A->>A', 6],
    ['sequenceDiagram\n  participant A as one\n  A->>B: ask', 6],
    ['pieChart', 4],
  ])('reports %j', (diagram, line) => {
    expect(found(diagram)).toEqual([line]);
  });
});

describe('decision records', () => {
  const record = '# Title\n\nStatus: accepted.\n\n## Context\n\n## Decision\n\n## Consequences\n';
  const found = (text: string, index: string) =>
    recordFindings(treeOf({ 'docs/adr/a.md': text, 'docs/adr/README.md': index })).length;

  it('accepts a complete record that the index lists', () => {
    expect(found(record, '| [Title](a.md) | accepted |')).toBe(0);
  });

  it.each([
    ['without a row', record, ''],
    ['with another title', record, '| [Other](a.md) | accepted |'],
    ['with another status', record, '| [Title](a.md) | proposed |'],
    ['without a heading', record.replace('## Context', ''), '| [Title](a.md) | accepted |'],
  ])('reports a record %s', (_name, text, index) => {
    expect(found(text, index)).toBe(1);
  });
});

it('reports a page at the top of docs/', () => {
  const tree = treeOf({ 'docs/tutorial.md': '', 'docs/api.md': '', 'docs/reference/api.md': '' });
  expect(misplacedPages(tree).map(({ path }) => path)).toEqual(['docs/api.md']);
});
