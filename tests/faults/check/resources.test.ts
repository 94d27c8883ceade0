import { expect, it } from 'vitest';
import { grown, type Resources } from './resources.ts';

const MiB = 2 ** 20;
const base: Resources = { descriptors: 30, held: 60 * MiB, resident: 150 * MiB };

it.each([
  ['objects and buffers', { held: 93 * MiB }, ['query: 93 MiB held after a collection, 60 MiB before']],
  ['pages alone', { resident: 279 * MiB }, ['query: 279 MiB resident after a collection, 150 MiB before']],
  ['descriptors', { descriptors: 71 }, ['query: 71 descriptors, 30 before']],
  ['nothing but what has warmed up', { descriptors: 70, held: 92 * MiB, resident: 278 * MiB }, []],
])('says which process has grown: %s', (_, at, said) => {
  expect(grown(new Map([['query', base]]), new Map([['query', { ...base, ...at }]]))).toEqual(said);
});
