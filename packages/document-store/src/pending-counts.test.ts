import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountStore, type PendingChanges, putCounted, type StoredCount } from './pending-counts.ts';
import type { CountChange } from './types.ts';

/** A relation: the newest event decides, as in the read models. */
interface Relation {
  readonly actor: string;
  readonly object: string;
  readonly active: boolean;
  readonly version: number;
}
interface Event extends Relation {
  readonly id: string;
}
interface KeptRelation {
  revision: number;
  doc: Relation;
  pending: Omit<PendingChanges, 'document'> | undefined;
}

class CrashError extends Error {}

/** Called around each atomic step; may wait, and may throw a CrashError. */
type Turn = (when: 'before' | 'after') => Promise<void>;

const countsOf = (doc: Relation | undefined): Map<string, number> =>
  new Map(doc ? [`likes:${doc.object}`, `liked:${doc.actor}`].map((id) => [id, doc.active ? 1 : 0]) : []);

const changesOf = (before: Relation | undefined, after: Relation): CountChange[] => {
  const was = countsOf(before);
  return [...countsOf(after)].flatMap(([id, n]) => {
    const by = Math.sign(n - (was.get(id) ?? 0)) as CountChange['by'];
    return by === 0 && was.has(id) ? [] : [{ id, by }];
  });
};

/**
 * Relations and counts in memory, with the guarantees of an engine without transactions: one document is
 * written atomically, and any other step may come between two documents of one call.
 */
class Memory {
  readonly relations = new Map<string, KeptRelation>();
  readonly counts = new Map<string, StoredCount>();

  async read(id: string, turn: Turn): Promise<KeptRelation | undefined> {
    return this.#atomically(turn, () => structuredClone(this.relations.get(id)));
  }

  /** The operations of one worker. */
  store(turn: Turn): CountStore<Relation> {
    const each = async <T, R>(all: readonly T[], step: (one: T) => R): Promise<R[]> => {
      const results: R[] = [];
      for (const one of all) results.push(await this.#atomically(turn, () => step(one)));
      return results;
    };
    return {
      put: async (writes) =>
        (
          await each(writes, ({ id, revision, doc, pending }) => {
            const now = this.relations.get(id);
            if ((now?.revision ?? 0) !== revision || now?.pending) return [id];
            this.relations.set(id, { revision: revision + 1, doc, pending });
            return [];
          })
        ).flat(),
      pending: async (documents) =>
        (
          await each(documents, (document) => {
            const pending = this.relations.get(document)?.pending;
            return pending ? [{ document, ...pending }] : [];
          })
        ).flat(),
      counts: async (ids) =>
        new Map(
          (await each(ids, (id) => this.counts.get(id) ?? [])).flat().map((count) => [count.id, count]),
        ),
      putCounts: async (counts) =>
        (
          await each(counts, (count) => {
            if ((this.counts.get(count.id)?.revision ?? 0) !== count.revision) return [count.id];
            this.counts.set(count.id, { ...count, revision: count.revision + 1 });
            return [];
          })
        ).flat(),
      removePending: async (writes) => {
        await each(writes, ({ document, token }) => {
          const relation = this.relations.get(document);
          if (relation?.pending?.token === token) relation.pending = undefined;
        });
      },
    };
  }

  /** Sizes of the sets as far as their changes are applied. */
  appliedSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const { doc, pending } of this.relations.values()) {
      for (const [id, n] of countsOf(doc)) {
        const isApplied = this.counts.get(id)?.applied.some(({ token }) => token === pending?.token);
        const open = isApplied ? undefined : pending?.changes.find((change) => change.id === id);
        sizes.set(id, (sizes.get(id) ?? 0) + n - (open?.by ?? 0));
      }
    }
    return sizes;
  }

  async #atomically<R>(turn: Turn, step: () => R): Promise<R> {
    await turn('before');
    const result = step();
    // At every moment, not only at the end: a count is the size of its set without what is still to be added.
    const sizes = this.appliedSizes();
    for (const [id, { n }] of this.counts)
      if (n !== (sizes.get(id) ?? 0)) throw new Error(`${id} is ${n} and not ${sizes.get(id)}`);
    await turn('after');
    return result;
  }
}

/** Applies a batch as the projector does. */
const apply = async (memory: Memory, turn: Turn, batch: readonly Event[]): Promise<void> => {
  for (let open = [...new Set(batch.map(({ id }) => id))]; open.length > 0; ) {
    const writes = [];
    for (const id of open) {
      const before = await memory.read(id, turn);
      const [newest] = batch.filter((one) => one.id === id).toSorted((a, b) => b.version - a.version);
      if (!newest) continue;
      const changes = before === undefined || newest.version > before.doc.version;
      if (!changes && !before.pending) continue;
      const { id: _, ...doc } = changes ? newest : { id, ...before.doc };
      // A revision that no write matches, as the engine has it.
      const revision = before?.pending ? -before.revision : (before?.revision ?? 0);
      writes.push({ id, revision, doc, counts: changesOf(before?.doc, doc) });
    }
    open = writes.length > 0 ? await putCounted(memory.store(turn), writes) : [];
  }
};

const events = fc
  .array(
    fc.record({
      actor: fc.constantFrom('ann', 'ben', 'cleo'),
      object: fc.constantFrom('p', 'q'),
      active: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((one, i): Event => ({ ...one, version: i + 1, id: `${one.actor}:${one.object}` })));

const sizesOf = (all: readonly Event[]): Map<string, number> => {
  const newest = new Map(all.map((event) => [event.id, event]));
  const sizes = new Map<string, number>();
  for (const event of newest.values())
    for (const [id, n] of countsOf(event)) sizes.set(id, (sizes.get(id) ?? 0) + n);
  return sizes;
};

describe('counts without transactions', () => {
  it('are exact after every interleaving of several workers, their crashes and redeliveries', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ step: fc.nat(150), when: fc.constantFrom('before', 'after') }), {
          maxLength: 6,
        }),
        async (all, scheduler, size, crashes) => {
          const memory = new Memory();
          let steps = 0;
          const turn: Turn = async (when) => {
            await scheduler.schedule(Promise.resolve());
            if (when === 'before') steps += 1;
            if (crashes.some((crash) => crash.step === steps && crash.when === when)) throw new CrashError();
          };
          const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
            all.slice(i * size, (i + 1) * size),
          );
          /** Delivers a batch until a worker has acknowledged it. */
          const deliver = async (batch: readonly Event[]): Promise<void> => {
            for (;;) {
              try {
                return await apply(memory, turn, batch);
              } catch (error) {
                if (!(error instanceof CrashError)) throw error;
                // A process that restarts does not crash at the same step again.
                steps += 1;
              }
            }
          };
          // Twice: a batch is delivered again while a worker that has stalled still has it.
          await scheduler.waitFor(Promise.all([...batches, ...batches.toReversed()].map(deliver)));
          expect(new Map([...memory.counts].map(([id, { n }]) => [id, n]))).toEqual(sizesOf(all));
          for (const { pending } of memory.relations.values()) expect(pending).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('list only the last writes that they include, however many there were', async () => {
    const memory = new Memory();
    const turn: Turn = async () => {};
    for (let i = 1; i <= 50; i++) {
      const actor = `actor${i}`;
      await apply(memory, turn, [{ id: `${actor}:p`, actor, object: 'p', active: true, version: i }]);
    }
    expect(memory.counts.get('likes:p')).toMatchObject({ n: 50, applied: [{ document: 'actor50:p' }] });
  });

  it('take five calls for a batch, however many documents and counts it changes', async () => {
    const memory = new Memory();
    let calls = 0;
    const counted = new Proxy(
      memory.store(async () => {}),
      {
        get: (store, name: keyof CountStore) => {
          calls += 1;
          return store[name];
        },
      },
    );
    const writes = Array.from({ length: 100 }, (_, i) => {
      const doc = { actor: `actor${i}`, object: `p${i % 7}`, active: true, version: 1 };
      return { id: `${doc.actor}:${doc.object}`, revision: 0, doc, counts: changesOf(undefined, doc) };
    });
    expect(await putCounted(counted, writes)).toEqual([]);
    expect(calls).toBe(5);
    expect(memory.counts.get('likes:p0')?.n).toBe(15);
  });
});
