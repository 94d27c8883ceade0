import type { Collection, Stored } from '@rookery/document-store';
import type { CollectionName } from '@rookery/read-models';
import { retryWhileDown } from '../rebuild/retry.ts';
import { canonical, digest } from './digest.ts';

/** A document or feed that differs from the result of the event store. */
export interface Difference {
  readonly projection: string;
  /** A collection, or `redis` for a feed there. */
  readonly where: CollectionName | 'redis';
  readonly id: string;
  /** `deleted`: only the rebuild has it. `added`: only the live side has it. */
  readonly kind: 'edited' | 'deleted' | 'added';
  /** Digest; null if there is no document. */
  readonly live: string | null;
  readonly rebuilt: string | null;
  /** Differing fields of a document, or items of a feed. */
  readonly fields: readonly string[];
}

/** Number of documents that are read at a time. */
const batch = 1_000;

/** Returns the difference of two documents, if any. */
export const difference = (
  about: Pick<Difference, 'projection' | 'where' | 'id'>,
  live: unknown,
  rebuilt: unknown,
): Difference | undefined => {
  if (live === undefined && rebuilt === undefined) return undefined;
  if (live !== undefined && rebuilt !== undefined && canonical(live) === canonical(rebuilt)) return undefined;
  return {
    ...about,
    kind: live === undefined ? 'deleted' : rebuilt === undefined ? 'added' : 'edited',
    live: live === undefined ? null : digest(live),
    rebuilt: rebuilt === undefined ? null : digest(rebuilt),
    fields: live !== undefined && rebuilt !== undefined ? differingFields(live, rebuilt) : [],
  };
};

const differingFields = (a: unknown, b: unknown): string[] => {
  const [one, other] = [new Map(Object.entries(a as object)), new Map(Object.entries(b as object))];
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (key) => canonical(one.get(key)) !== canonical(other.get(key)),
  );
};

/** Part of a collection that this module uses. */
type Walked = Pick<Collection<unknown>, 'scan'>;

/** Yields the documents whose id has the prefix, in order of id. Waits for a store that is down. */
async function* each(
  collection: Walked,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Stored<unknown>> {
  for (let after = prefix; ; ) {
    const found = await retryWhileDown(signal, async () => {
      for await (const some of collection.scan(batch, after === '' ? undefined : after)) return some;
      return [];
    });
    for (const one of found) {
      if (!one.id.startsWith(prefix)) return;
      yield one;
    }
    if (found.length < batch) return;
    after = found.at(-1)?.id ?? after;
  }
}

/** Compares code units, the order in which the stores keep ids: document ids are ASCII. */
const before = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && (b === undefined || a < b);

/**
 * Yields the ids of all documents that differ, by scanning both sides in parallel. Reports the number of
 * compared documents.
 */
export async function* compare(
  live: Walked,
  rebuilt: Walked,
  prefix: string,
  compared: () => void,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const [a, b] = [each(live, prefix, signal), each(rebuilt, prefix, signal)];
  let [one, other] = [await a.next(), await b.next()];
  while (!one.done || !other.done) {
    compared();
    const [left, right] = [one.value?.id, other.value?.id];
    if (before(left, right)) {
      yield left as string;
      one = await a.next();
    } else if (before(right, left)) {
      yield right as string;
      other = await b.next();
    } else {
      if (canonical(one.value?.doc) !== canonical(other.value?.doc)) yield left as string;
      [one, other] = [await a.next(), await b.next()];
    }
  }
}
