import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { expect, it } from 'vitest';
import { makeScratch } from '../../support/scratch.ts';
import { nameOf, unsound } from './catchers.ts';

const tests = 'stack/src/of-two-tests.test.ts';
const passes = { tests, named: 'begins' };
const needsTheFirst = { tests, named: 'goes on' };

it('a test that passes after an earlier one of its file alone can catch nothing', async () => {
  using copy = makeScratch(cloneDir, 'HEAD');
  writeFileSync(
    join(copy.dir, tests),
    `import { expect, it } from 'vitest';
let begun = false;
it('begins', () => { begun = true; });
it('goes on', () => expect(begun).toBe(true));
`,
  );
  const failing = await unsound(copy.dir, [passes, needsTheFirst]);
  expect([...failing.keys()]).toEqual([nameOf(needsTheFirst)]);
});
