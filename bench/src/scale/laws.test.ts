import { expect, test } from 'vitest';
import { isHeld } from '../bound.ts';
import { named } from './figures.ts';
import { againstSql, lawsOf } from './laws.ts';
import { needsOf } from './needs.ts';
import { toMarkdown } from './report.ts';

const small = {
  people: 1_000,
  figures: {
    [named.firstPage(10)]: 10,
    [named.likeHottest]: 20,
    [named.likeFresh]: 20,
    [named.catchUp]: 6_000,
  },
};
const large = {
  people: 100_000,
  figures: {
    [named.firstPage(10)]: 12,
    [named.firstPage(5_000)]: 30,
    [named.likeHottest]: 80,
    [named.likeFresh]: 20,
    [named.catchUp]: 5_500,
  },
};

test('laws compare the largest size with the smallest, and extremes within the largest', () => {
  const broken = lawsOf([small, large]).flatMap((law) => (isHeld(law) ? [] : [law.what]));
  expect(broken).toEqual([
    'first page, 5000 against 10 followings',
    'like on the hottest against a fresh post',
    `growth: ${named.likeHottest}`,
  ]);
});

test('first pages are compared with SQL for all readers in turn, and shown for each number of followings', () => {
  const figures = {
    ...{
      [named.pageRate(10)]: 400,
      [named.sqlRate(10)]: 400,
      [named.pageRate(1_000)]: 400,
      [named.sqlRate(1_000)]: 50,
    },
    ...{ [named.mixRate]: 400, [named.mixSqlRate]: 100 },
  };
  const laws = lawsOf([{ people: 1_000, figures }]);
  expect(laws.map((law) => [law.what, law.value, isHeld(law)])).toEqual([
    ['first pages per second against SQL, all readers in turn', 4, false],
  ]);
  expect(againstSql(figures)).toEqual({
    'first pages against SQL, 10 followings, per second': 1,
    'first pages against SQL, 1000 followings, per second': 8,
  });
});

test('laws about figures that were not measured are left out', () => {
  expect(lawsOf([{ people: 40, figures: {} }])).toEqual([]);
  expect(lawsOf([small]).map(({ what }) => what)).toEqual([
    'like on the hottest against a fresh post',
    named.catchUp,
  ]);
});

test('the tables show every figure, and its growth if two sizes have it', () => {
  const markdown = toMarkdown([small, large], lawsOf([small, large]));
  expect(markdown).toContain('| figure | 1,000 people | 100,000 people | growth |');
  expect(markdown).toContain(`| ${named.firstPage(10)} | 10 | 12 | 1.2 |`);
  expect(markdown).toContain(`| ${named.firstPage(5_000)} | - | 30 | - |`);
  expect(markdown).toContain('**not held**');
});

test('needs grow in proportion to the people, and leave out what was not measured', () => {
  const figures = {
    'CPU per page, gateway, ms': 1,
    'CPU per post, gateway, ms': 2,
    'accounts, bytes per person': 500,
  };
  const [one, hundred] = [needsOf(figures, 1_000_000), needsOf(figures, 100_000_000)];
  expect(Object.keys(one)).toEqual([
    'pages per second at the peak',
    'writes per second at the peak',
    'cores of gateway at the peak',
    'events per year, billions',
    'accounts, GiB',
  ]);
  // 400,000 people a day with 25 pages each, three times as many in the busiest second.
  expect(one['pages per second at the peak']).toBeCloseTo((400_000 * 25 * 3) / 86_400);
  for (const [name, value] of Object.entries(one)) expect(hundred[name]).toBeCloseTo(value * 100, 3);
});
