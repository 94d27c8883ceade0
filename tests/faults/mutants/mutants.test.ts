import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, it } from 'vitest';
import { mutants } from './mutants.ts';
import { hasTitle } from './titles.ts';

const times = (file: string, text: string): number =>
  readFileSync(join(cloneDir, file), 'utf8').split(text).length - 1;

// A change of such a place fails here, and not only in the next long run.
it.each(mutants.flatMap(({ name, spoils }) => spoils.map((spoil) => ({ name, ...spoil }))))(
  'the mutant "$name" has its place in $file once',
  ({ file, find }) => expect(times(file, find)).toBe(1),
);

it('every mutant has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

// Without it, a mutant whose test has another title is noticed in the next long run only.
it.each(mutants.flatMap(({ name, caughtBy }) => ('tests' in caughtBy ? [{ name, caughtBy }] : [])))(
  'the mutant "$name" has a test of the title that is to catch it',
  ({ caughtBy }) => expect(hasTitle(caughtBy)).toBe(true),
);
