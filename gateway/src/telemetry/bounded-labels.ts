import { LRUCache } from 'lru-cache';

/** Maximum number of names used as labels, since clients may send any number. */
const maxNames = 100;
/** Number of uses after which a name becomes a label. */
const minUses = 20;

/**
 * Maps names that clients choose, of operations or of themselves, to labels of metrics: the name if it is among the first
 * hundred that were used twenty times, so that the number of time series is bounded. The access log has every name.
 */
export class BoundedLabels {
  readonly #labels = new Set<string>();
  readonly #seen = new LRUCache<string, number>({ max: 1_000 });

  label(name: string | undefined): string {
    if (name === undefined) return '(anonymous)';
    if (this.#labels.has(name)) return name;
    if (this.#labels.size >= maxNames) return '(other)';
    const times = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, times);
    if (times < minUses) return '(other)';
    this.#seen.delete(name);
    this.#labels.add(name);
    return name;
  }
}
