/** Time over which the rate is measured. */
const windowMs = 10_000;
/** A shorter time tells nothing. */
const minMs = 500;

interface Sample {
  readonly position: number;
  /** By `performance.now()`. */
  readonly at: number;
}

/** Events per second by which a position has risen lately. */
export class ProgressRate {
  #samples: Sample[] = [];

  note(position: number, at = performance.now()): void {
    const last = this.#samples.at(-1);
    // A position that has gone back begins a new history.
    if (last && position < last.position) this.#samples = [];
    this.#samples.push({ position, at });
    // One sample from before the window stays: the window begins between two.
    const inWindow = this.#samples.findIndex((sample) => sample.at > at - windowMs);
    if (inWindow > 1) this.#samples.splice(0, inWindow - 1);
  }

  /** Undefined if it is not known yet. */
  get perSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < minMs) return undefined;
    return ((last.position - first.position) * 1_000) / (last.at - first.at);
  }
}
