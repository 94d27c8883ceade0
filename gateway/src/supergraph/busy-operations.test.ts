import { expect, test } from 'vitest';
import { BusyOperations } from './busy-operations.ts';

const noted = (busy: BusyOperations, name: string, times: number) => {
  for (let n = 0; n < times; n++) {
    busy.note({ key: name, text: `{ ${name} }`, operationName: undefined });
  }
};
const keys = (busy: BusyOperations, count: number) => busy.top(count).map(({ key }) => key);

test('the busiest come first, and no more than are asked for', () => {
  const busy = new BusyOperations();
  noted(busy, 'seldom', 1);
  noted(busy, 'often', 9);
  noted(busy, 'sometimes', 4);
  expect(keys(busy, 2)).toEqual(['often', 'sometimes']);
});

test('what was busy long ago gives way to what is busy now', () => {
  const busy = new BusyOperations();
  noted(busy, 'then', 10);
  for (let round = 0; round < 3; round++) busy.top(1);
  noted(busy, 'now', 2);
  expect(keys(busy, 2)).toEqual(['now', 'then']);
});

test('operations of one document are told apart by their names', () => {
  const busy = new BusyOperations();
  const text = 'query A { a } query B { b }';
  for (const operationName of ['A', 'B', 'A'])
    busy.note({ key: `hash ${operationName}`, text, operationName });
  expect(busy.top(9).map(({ operationName }) => operationName)).toEqual(['A', 'B']);
  expect(new Set(keys(busy, 9)).size).toBe(2);
});
