import { expect, test } from 'vitest';
import { BoundedLabels } from './bounded-labels.ts';

test('a name is a label once it has come often, and there are no more than a hundred', () => {
  const labels = new BoundedLabels();
  expect(labels.label(undefined)).toBe('(anonymous)');
  const told = Array.from({ length: 20 }, () => labels.label('Feed'));
  expect(told.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => '(other)'));
  expect(told.at(-1)).toBe('Feed');
  const all = new Set<string>();
  for (let name = 0; name < 500; name++)
    for (let time = 0; time < 25; time++) all.add(labels.label(`Made${name}`));
  expect(all.size).toBe(100);
  expect(labels.label('Feed')).toBe('Feed');
});
