import { expect, it } from 'vitest';
import { eventually, until } from './eventually.ts';

it('until returns the first answer', async () => {
  let asked = 0;
  expect(await until('three', () => (++asked > 2 ? asked : asked === 1 && undefined))).toBe(3);
});

it('until ends at an error, and after its time', async () => {
  let asked = 0;
  const failing = () => {
    asked++;
    throw new Error('broken');
  };
  await expect(until('nothing', failing)).rejects.toThrow(/^broken$/);
  expect(asked).toBe(1);
  await expect(until('a miracle', () => false, 1)).rejects.toThrow('not within 1 ms: a miracle');
});

it('eventually goes on after an error, and tells the last one', async () => {
  let asked = 0;
  const refused = async () => {
    if (++asked < 3) throw new Error('refused');
    return 'here';
  };
  expect(await eventually(refused)).toBe('here');
  const broken = eventually(() => Promise.reject(new Error('refused')), { within: 1, what: 'an answer' });
  await expect(broken).rejects.toThrow('not within 1 ms: an answer: Error: refused');
});
