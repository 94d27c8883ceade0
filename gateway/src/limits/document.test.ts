import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { checkDocument } from './document.ts';
import { defaultLimits } from './limits.ts';

const check = (text: string) => checkDocument(parse(text), defaultLimits);
const nested = (depth: number) => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
const many = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n));
/** Each spreads the next three times: 3^count fields when they are written out. */
const tripling = (count: number) =>
  `{ ...F0 } ${many(count, (n) => `fragment F${n} on Query { a { ...F${n + 1} } b { ...F${n + 1} } c { ...F${n + 1} } }`).join(' ')} fragment F${count} on Query { c }`;

test.each([
  ['10 levels', nested(10)],
  ['15 aliases', `{ ${many(15, (n) => `a${n}: a`).join(' ')} }`.replace('{', '{ b {').concat('}')],
  ['10 root fields', `{ ${many(10, (n) => `a${n}`).join(' ')} }`],
  ['20 directives', `{ b { ${many(20, (n) => `a${n} @d`).join(' ')} } }`],
  ['3 directives in one place', '{ a @x @y @z }'],
  ['a fragment that is spread often', `{ ${many(3, () => '...F').join(' ')} } fragment F on Query { a b c }`],
  ['deep introspection', `{ __schema { types ${nested(12)} } }`],
  ['a fragment of introspection', `{ __schema { ...T } } fragment T on __Type ${nested(12)}`],
  ['a spread of nothing, which validation names', '{ ...Missing }'],
])('%s may be', (_what, text) => {
  expect(() => check(text)).not.toThrow();
});

test.each([
  ['11 levels', nested(11), 'levels'],
  ['50 levels', nested(50), 'levels'],
  ['levels through fragments', `{ a { ...F } } fragment F on A ${nested(10)}`, 'levels'],
  ['levels in a fragment that nobody spreads', `{ a } fragment F on A ${nested(11)}`, 'levels'],
  ['16 aliases', `{ b { ${many(16, (n) => `a${n}: a`).join(' ')} } }`, 'aliases'],
  [
    'aliases through fragments',
    `{ a { ...F } b { ...F } } fragment F on A { ${many(8, (n) => `x${n}: x`)} }`,
    'aliases',
  ],
  ['11 root fields', `{ ${many(11, (n) => `a${n}`).join(' ')} }`, 'root fields'],
  [
    'root fields in fragments',
    `{ ...F ... { a b c d e } } fragment F on Query { f g h i j k }`,
    'root fields',
  ],
  ['21 directives', `{ b { ${many(21, (n) => `a${n} @d`).join(' ')} } }`, 'directives'],
  ['4 directives in one place', '{ a @d @d @d @d }', 'directives in one place'],
  ['directives on variables', `query (${many(21, (n) => `$v${n}: Int @d`)}) { a }`, 'directives'],
  ['a second operation of the document', `query A { a } query B ${nested(11)}`, 'levels'],
  ['exponential fragments', tripling(8), 'fields'],
  ['the same field over and over', `{ b { ${many(102, () => 'a').join(' ')} } }`, 'selected again'],
  [
    'the same field behind inline fragments',
    `{ b { ${many(102, () => '... { a }').join(' ')} } }`,
    'selected again',
  ],
  ['a fragment of itself', '{ ...A } fragment A on Query { ...A }', 'contains itself'],
  [
    'fragments in a circle',
    '{ ...A } fragment A on Query { a { ...B } } fragment B on Q { ...A }',
    'contains itself',
  ],
])('%s: refused', (_what, text, reason) => {
  expect(() => check(text)).toThrow(new RegExp(reason));
});

test('what grows twofold with each fragment is counted in linear time', () => {
  const flat = `{ ...F0 } ${many(200, (n) => `fragment F${n} on Query { ...F${n + 1} ... { ...F${n + 1} } }`).join(' ')} fragment F200 on Query { c }`;
  // The processor's time: what else runs on the machine is not in it.
  const before = process.threadCpuUsage();
  expect(() => check(flat)).toThrow('fields');
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(50);
});
