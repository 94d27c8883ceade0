import type { Collection, CollectionName, Stored } from '@rookery/stores/documents';
import { patiently } from '../rebuild/patience.ts';
import { canonical, digest } from './digest.ts';

/** One thing that is not what the event store makes of it. */
export interface Difference {
  readonly projection: string;
  /** A collection, or `redis` for a feed there. */
  readonly where: CollectionName | 'redis';
  readonly id: string;
  /** deleted: only the rebuild has it. added: only the live one has it. */
  readonly kind: 'edited' | 'deleted' | 'added';
  /** Digests; null where there is none. */
  readonly live: string | null;
  readonly rebuilt: string | null;
  /** What of it differs: fields of a document, items of a feed. */
  readonly fields: readonly string[];
}

/** Documents read at a time. */
const batch = 1_000;

/** Whether two documents differ, and how. */
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

/** All that is asked of a collection here. */
type Walked = Pick<Collection<unknown>, 'scan'>;

/** Documents one by one, in order of id, of those whose id begins with the prefix; a store that is away is waited for. */
async function* each(
  collection: Walked,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Stored<unknown>> {
  for (let after = prefix; ; ) {
    const found = await patiently(signal, async () => {
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

/** Compares code units, as the stores order ids: those of documents are ASCII. */
const before = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && (b === undefined || a < b);

/** Ids of all documents that differ, walking both side by side. Onlookers are told how many have been compared. */
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
