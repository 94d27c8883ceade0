import { forEachConcurrently } from '@rookery/runtime';
import { chunksOf } from './chunks.ts';
import { joinCalls } from './joined-calls.ts';
import { keyOf, readerOf, type Script } from './raw.ts';
import * as scripts from './scripts.ts';
import type { Feeds } from './types.ts';

/** Number of writes to feeds in one call: Redis serves other clients in between. */
const writesAtOnce = 500;
/** Number of items that one call adds. It adds to the fewer feeds, the more items there are. */
const itemsAtOnce = 50;
/** Number of parts of one addition that are written concurrently. */
const inFlight = 8;

export interface AdditionsOptions {
  /** Defines a script under a name. */
  readonly define: (name: string, lua: string) => Script;
  /** Runs an action on Redis. */
  readonly call: <R>(action: () => Promise<R>) => Promise<R>;
  /** Maximum number of items in a feed. */
  readonly cap: number;
  /** True if each key is in a slot of its own, as on a cluster. */
  readonly hasSlots: boolean;
}

/** Items, each with its position after it, for some feeds. */
interface Addition {
  readonly keys: readonly string[];
  readonly items: readonly (string | number)[];
}

/** The numbers of the feeds of each addition that are not held. */
type Missing = readonly (readonly number[])[];

/** Creates the addition of items to feeds. Those that are asked for concurrently, as for the authors of a batch, share calls. */
export const createAdditions = ({ define, call, cap, hasSlots }: AdditionsOptions): Pick<Feeds, 'add'> => {
  const script = define('feedAddEach', scripts.add);
  const addAll = async (additions: readonly Addition[]): Promise<Missing> => {
    const keys = additions.flatMap((addition) => addition.keys);
    const items = additions.flatMap(({ keys: own, items }) => [own.length, items.length / 2, ...items]);
    return (await script(keys.length, ...keys, cap, ...items)) as Missing;
  };
  /** ioredis sends each command to the master of its key. */
  const addByKey = async ({ keys, items }: Addition): Promise<number[]> => {
    const missing = await Promise.all(keys.map((key) => addAll([{ keys: [key], items }])));
    return missing.flatMap(([one = []], i) => (one.length > 0 ? [i + 1] : []));
  };
  const add = joinCalls<Addition, readonly number[]>(
    (additions) => call(() => (hasSlots ? Promise.all(additions.map(addByKey)) : addAll(additions))),
    {
      questions: Number.POSITIVE_INFINITY,
      weight: writesAtOnce,
      weightOf: ({ keys, items }) => (keys.length * items.length) / 2,
    },
  );
  return {
    async add(readers, ...entries) {
      const missing = new Set<string>();
      const keys = [...new Set(readers)].map(keyOf);
      for (const some of chunksOf(entries, itemsAtOnce)) {
        const items = some.flatMap(({ itemId, position }) => [itemId, position]);
        const parts = chunksOf(keys, Math.ceil(writesAtOnce / some.length));
        await forEachConcurrently(parts, inFlight, async (own) => {
          for (const i of await add({ keys: own, items })) missing.add(readerOf(own[i - 1] ?? ''));
        });
      }
      return [...missing];
    },
  };
};
