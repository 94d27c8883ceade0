/** A measurement against its ceiling in the same run. */
export interface Result {
  readonly name: string;
  /** Figures with their unit. `ratio` is the share of the ceiling, or the multiple of the lower bound. */
  readonly figures: Readonly<Record<string, number>>;
  /** Explanation of the ratio. */
  readonly reading: string;
}

const round = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const toText = ({ name, figures, reading }: Result): string =>
  [
    name,
    ...Object.entries(figures).map(([what, value]) => `  ${what.padEnd(44)} ${round(value).padStart(10)}`),
    `  (${reading})`,
  ].join('\n');
