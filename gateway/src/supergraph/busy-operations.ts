import { LRUCache } from 'lru-cache';

/** A query or mutation as it is planned. */
export interface BusyOperation {
  /** Equal for the same operation of the same text. */
  readonly key: string;
  readonly text: string;
  readonly operationName: string | undefined;
}

interface Counted extends BusyOperation {
  uses: number;
}

/** Number of operations whose uses are counted. */
const cacheSize = 1_000;

/** Which operations are asked most: their plans are made before a new supergraph is served. */
export class BusyOperations {
  readonly #counted = new LRUCache<string, Counted>({ max: cacheSize });

  note({ key, text, operationName }: BusyOperation): void {
    const known = this.#counted.get(key);
    if (known) known.uses++;
    else this.#counted.set(key, { key, text, operationName, uses: 1 });
  }

  /** The busiest first. Their counts are halved, so that what was busy long ago gives way. */
  top(count: number): BusyOperation[] {
    const all = [...this.#counted.values()].sort((a, b) => b.uses - a.uses);
    for (const each of all) each.uses /= 2;
    return all.slice(0, count);
  }
}
