import { LRUCache } from 'lru-cache';

/** Names that can be a label at the most; there is no telling how many clients send. */
const most = 100;
/** How often a name must come before it is one. */
const often = 20;

/**
 * What metrics call an operation: its name where that is among the first hundred that have come twenty times, so that
 * the number of time series is bounded whatever clients make up. In the access log every name stands as it is.
 */
export class OperationLabels {
  readonly #labels = new Set<string>();
  readonly #seen = new LRUCache<string, number>({ max: 1_000 });

  label(name: string | undefined): string {
    if (name === undefined) return '(anonymous)';
    if (this.#labels.has(name)) return name;
    if (this.#labels.size >= most) return '(other)';
    const times = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, times);
    if (times < often) return '(other)';
    this.#seen.delete(name);
    this.#labels.add(name);
    return name;
  }
}
