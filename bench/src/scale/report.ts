import { type Bound, boundsToText, isHeld } from '../bound.ts';
import type { Figures } from './figures.ts';
import { growthOf, type SizeFigures } from './laws.ts';
import { needsOf } from './needs.ts';

const toNumber = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? '-'
    : value.toLocaleString('en', { maximumSignificantDigits: value >= 1_000 ? 4 : 3 });

const columnsOf = (sizes: readonly SizeFigures[]): string[] => [
  'figure',
  ...sizes.map(({ people }) => `${people.toLocaleString('en')} people`),
  ...(sizes.length > 1 ? ['growth'] : []),
];

const rowsOf = (sizes: readonly SizeFigures[]): string[][] =>
  [...new Set(sizes.flatMap(({ figures }) => Object.keys(figures)))].map((name) => [
    name,
    ...sizes.map(({ figures }) => toNumber(figures[name])),
    ...(sizes.length > 1 ? [toNumber(growthOf(sizes, name))] : []),
  ]);

/** Returns the figures of each size side by side, and the laws with their bounds. */
export const toTables = (sizes: readonly SizeFigures[], laws: readonly Bound[]): string => {
  const lines = [columnsOf(sizes), ...rowsOf(sizes)].map(([name = '', ...values]) =>
    [name.padEnd(72), ...values.map((value) => value.padStart(16))].join(''),
  );
  return [lines.join('\n'), `laws\n${boundsToText(laws)}`].join('\n\n');
};

const toMarkdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Numbers of people whose needs are derived from the largest measured network. */
const planned = [1_000_000, 100_000_000] as const;

const needsRows = (figures: Figures): string[][] => {
  const [first, ...others] = planned.map((people) => needsOf(figures, people));
  return Object.entries(first ?? {}).map(([name, value]) => [
    name,
    ...[value, ...others.map((needs) => needs[name])].map(toNumber),
  ]);
};

/** Returns the tables of docs/explanation/scale.md. */
export const toMarkdown = (sizes: readonly SizeFigures[], laws: readonly Bound[]): string =>
  [
    toMarkdownTable(
      ['law', 'measured', 'bound', ''],
      laws.map((law) => [
        law.what,
        toNumber(law.value),
        `${law.kind} ${toNumber(law.limit)}`,
        isHeld(law) ? 'held' : '**not held**',
      ]),
    ),
    toMarkdownTable(columnsOf(sizes), rowsOf(sizes)),
    toMarkdownTable(
      ['need', ...planned.map((people) => `${people.toLocaleString('en')} people`)],
      needsRows(sizes.at(-1)?.figures ?? {}),
    ),
  ].join('\n\n');
