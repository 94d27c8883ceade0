/** A place in a file that breaks a rule. `line` counts from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Returns the line of an offset, from 1. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
