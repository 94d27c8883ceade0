import { expect, it } from 'vitest';
import { roundsOf } from './rounds.ts';

const catcher = (tests: string, named: string) => ({ tests, named });

it.each([
  { of: 'none', given: [], rounds: [] },
  {
    of: 'one of each file',
    given: [catcher('tests/stores/counts', 'a'), catcher('tests/stores/feeds', 'b')],
    rounds: [['a', 'b']],
  },
  {
    of: 'several of a file',
    given: [
      ...[catcher('tests/stores/counts', 'a'), catcher('tests/stores/counts', 'b')],
      ...[catcher('tests/stores/feeds', 'c'), catcher('tests/stores/counts', 'd')],
    ],
    rounds: [['a', 'c'], ['b'], ['d']],
  },
  {
    of: 'a part of a path that means several files',
    given: [
      ...[catcher('tests/stores/feeds.test', 'a'), catcher('tests/stores/feeds', 'b')],
      catcher('tests/stores/feeds-reads.test', 'c'),
    ],
    rounds: [['a', 'c'], ['b']],
  },
])('no round has two catchers of one file: $of', ({ given, rounds }) => {
  expect(roundsOf(given).map((round) => round.map(({ named }) => named))).toEqual(rounds);
});
