/** A measured value with the bound that it must keep. */
export interface Bound {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly kind: 'at most' | 'at least';
}

export const atMost = (what: string, value: number, limit: number): Bound => ({
  what,
  value,
  limit,
  kind: 'at most',
});

export const atLeast = (what: string, value: number, limit: number): Bound => ({
  what,
  value,
  limit,
  kind: 'at least',
});

/** Returns whether the value keeps the bound. A value that could not be measured does not. */
export const isHeld = ({ value, limit, kind }: Bound): boolean =>
  kind === 'at most' ? value <= limit : value >= limit;

const digits = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 });

/** Returns one line for each bound, and whether it is held. */
export const boundsToText = (bounds: readonly Bound[]): string =>
  bounds
    .map((bound) =>
      [
        `  ${bound.what.padEnd(60)}`,
        digits(bound.value).padStart(10),
        `  ${bound.kind} ${digits(bound.limit)}`.padEnd(18),
        isHeld(bound) ? 'held' : 'not held',
      ].join(''),
    )
    .join('\n');
