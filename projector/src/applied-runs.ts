/** Positions without a hole between them, both inclusive. */
interface Run {
  readonly first: number;
  last: number;
}

/** Number of runs from which they are forgotten. That only costs latency, see progress.ts. */
const maxRuns = 10_000;

/**
 * The positions that one process has applied and that the checkpoint has not passed. Usually they are one run that
 * continues the checkpoint; if several workers share a projection, each has the gaps of the others.
 */
export class AppliedRuns {
  /** Ascending; there is a hole between any two. */
  #runs: Run[] = [];

  add(positions: readonly number[]): void {
    for (const position of positions) this.#add(position);
    if (this.#runs.length > maxRuns) this.clear();
  }

  /** Returns the last position of the run that continues a position, or that position if none does. */
  endOfRunAfter(position: number): number {
    const run = this.#runs.findLast(({ first }) => first <= position + 1);
    return Math.max(position, run?.last ?? position);
  }

  /** Forgets everything up to a position. */
  forget(upTo: number): void {
    this.#runs = this.#runs.flatMap(({ first, last }) =>
      last <= upTo ? [] : [{ first: Math.max(first, upTo + 1), last }],
    );
  }

  clear(): void {
    this.#runs = [];
  }

  #add(position: number): void {
    // Usually it continues the last run.
    const newest = this.#runs.at(-1);
    if (newest?.last === position - 1) {
      newest.last = position;
      return;
    }
    const before = this.#runs.findLastIndex(({ first }) => first <= position);
    const run = this.#runs[before];
    if (run && position <= run.last) return;
    const next = this.#runs[before + 1];
    const isAfterRun = run?.last === position - 1;
    const last = next?.first === position + 1 ? next.last : position;
    if (run && isAfterRun) run.last = last;
    const added = isAfterRun ? [] : [{ first: position, last }];
    this.#runs.splice(before + 1, last > position ? 1 : 0, ...added);
  }
}
