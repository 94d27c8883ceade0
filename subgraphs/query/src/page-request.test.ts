import { describe, expect, it } from 'vitest';
import { createCursors } from './cursor.ts';
import { type PageArgs, pageRequest } from './page-request.ts';

const cursors = createCursors({ current: ['c'.repeat(32)] });
const feed = { name: 'feed' };
const request = (args: PageArgs) => pageRequest(args, cursors, feed, 'ada');
const refused = (field: string) => expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field } });

describe('the arguments of a connection', () => {
  it.each([
    [{}, { direction: 'forward', size: 20 }],
    [{ first: 1 }, { direction: 'forward', size: 1 }],
    [{ last: 100 }, { direction: 'backward', size: 100 }],
    // Relay sends null for the arguments of the other direction.
    [
      { first: 5, after: null, last: null, before: null },
      { direction: 'forward', size: 5 },
    ],
    [
      { first: null, after: null, last: 5, before: null },
      { direction: 'backward', size: 5 },
    ],
  ])('%j', (args, expected) => {
    expect(request(args)).toEqual({ ...expected, after: undefined, before: undefined });
  });

  it.each([0, -1, 101, 1e9, Number.NaN, 1.5, null])('%s is no size, in either direction', (size) => {
    expect(() => request({ first: size })).toThrow(refused('first'));
    expect(() => request({ last: size })).toThrow(refused('last'));
  });

  it('have one size at most, and do not ask for a size of null', () => {
    expect(() => request({ first: 1, last: 1 })).toThrow(refused('last'));
    expect(() => request({ first: null, last: null })).toThrow(refused('first'));
  });

  it('bring cursors in both directions, and a wrong one is refused by its name', () => {
    const [after, before] = [cursors.write(feed, 'ada', 9), cursors.write(feed, 'ada', 4)];
    expect(request({ after, before })).toMatchObject({ after: 9, before: 4 });
    expect(() => request({ after: 'x' })).toThrow(refused('after'));
    expect(() => request({ before: cursors.write(feed, 'ben', 4) })).toThrow(refused('before'));
  });
});
