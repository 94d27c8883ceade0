import { expect, it } from 'vitest';
import { crossings, importsIn } from './boundaries.ts';

const findings = (path: string, source: string) =>
  crossings({
    files: [
      'package.json',
      'gateway/package.json',
      'packages/runtime/package.json',
      'tests/package.json',
      path,
    ],
    read: () => source,
  });

it('reads imports of every form', () => {
  const source = [
    "import './first.ts';",
    "import type { A } from '../second.ts';",
    'import {',
    '  b,',
    "} from './third.ts';",
    "export * from './fourth.ts';",
    "const five = await import('./fifth.ts');",
    "vi.mock('./sixth.ts');",
  ].join('\n');
  expect(importsIn(source)).toEqual([
    { line: 1, specifier: './first.ts' },
    { line: 2, specifier: '../second.ts' },
    { line: 5, specifier: './third.ts' },
    { line: 6, specifier: './fourth.ts' },
    { line: 7, specifier: './fifth.ts' },
    { line: 8, specifier: './sixth.ts' },
  ]);
});

it.each([
  ['a test reaches into a package', 'tests/gateway/a.test.ts', '../../gateway/src/app.ts'],
  ['the kit reaches into a package', 'tests/support/a.ts', '../../packages/runtime/src/log.ts'],
  ['a unit test reaches into another package', 'gateway/src/a.test.ts', '../../packages/runtime/src/log.ts'],
  ['a source reaches into another package', 'gateway/src/a.ts', '../../packages/runtime/src/log.ts'],
  ['a test imports from another folder of tests', 'tests/query/a.test.ts', '../gateway/world.ts'],
  ['the kit imports from a folder of tests', 'tests/support/a.ts', '../gateway/world.ts'],
  ['a source imports the kit', 'gateway/src/a.ts', '../../tests/support/stopwatch.ts'],
  ['a source imports the kit by name', 'gateway/src/a.ts', '@rookery/tests/support'],
])('finds that %s', (_what, path, specifier) => {
  expect(findings(path, `import { a } from '${specifier}';`)).toEqual([
    { path, line: 1, text: expect.stringContaining(specifier) },
  ]);
});

it.each([
  ['tests/gateway/a.test.ts', '@rookery/gateway'],
  ['tests/gateway/a.test.ts', '../support/gateway/gateway.ts'],
  ['tests/gateway/deep/a.test.ts', '../world.ts'],
  ['tests/support/gateway/a.ts', '../eventually.ts'],
  ['gateway/src/a.test.ts', './a.ts'],
  ['gateway/src/a.test.ts', '../../tests/support/stopwatch.ts'],
  ['bench/src/a.ts', '@rookery/tests/support'],
])('accepts that %s imports %s', (path, specifier) => {
  expect(findings(path, `import { a } from '${specifier}';`)).toEqual([]);
});
