import type { Run } from './load.ts';
import type { PairedRatio } from './paired-ratio.ts';

const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(14) : cell.padStart(14))).join('');

/** Returns a table of runs by gateway, with the CPU time as a ratio to Rookery and to the bare join. */
export const table = (title: string, results: ReadonlyMap<string, Run>): string => {
  const cpuOf = (name: string) => results.get(name)?.cpu ?? Number.NaN;
  const own = results.has('rookery') ? 'rookery' : 'not-reporting';
  const head = ['', 'CPU µs/req', '× Rookery', '× bare', 'requests/s', 'p50 ms', 'p99 ms'];
  const lines = [...results].map(([name, { cpu, perSecond, p50, p99 }]) => [
    name,
    cpu.toFixed(0),
    (cpu / cpuOf(own)).toFixed(2),
    (cpu / cpuOf('bare')).toFixed(2),
    perSecond.toFixed(0),
    p50.toFixed(1),
    p99.toFixed(1),
  ]);
  return [title, ...[head, ...lines].map(columns)].join('\n');
};

/** Returns a table of figures by gateway. */
export const figuresTable = (
  title: string,
  results: ReadonlyMap<string, Readonly<Record<string, number>>>,
): string => {
  const [first = {}] = results.values();
  const head = ['', ...Object.keys(first)];
  const lines = [...results].map(([name, figures]) => [
    name,
    ...Object.values(figures).map((figure) => figure.toFixed(1)),
  ]);
  return [title, ...[head, ...lines].map(columns)].join('\n');
};

const percent = (ratio: number): string =>
  `${ratio < 1 ? '−' : '+'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;

/** Returns a line on what reports cost. */
export const pairsLine = ({ median, low, high, pairs }: PairedRatio): string =>
  `reports: ${percent(median)} of CPU time in the median of ${pairs} pairs of turns, from ${percent(low)} to ${percent(high)} with 95 % confidence`;
