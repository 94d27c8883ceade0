import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { CountChange, Write } from './types.ts';

/** Changes of counts that a write has caused and that are noted on its document until they are applied. */
export interface PendingChanges {
  /** Id of the document. */
  readonly document: string;
  /** Identifies the write; never used again. */
  readonly token: string;
  readonly changes: readonly CountChange[];
}

/** A write whose changes a count includes. */
export type AppliedWrite = Pick<PendingChanges, 'document' | 'token'>;

export interface StoredCount {
  readonly id: string;
  /** Revision that was read; 0 if there is no count yet. */
  readonly revision: number;
  readonly n: number;
  /** Writes that the count includes although their documents may still note the changes as pending. */
  readonly applied: readonly AppliedWrite[];
  /**
   * Writers leave the count alone until then, in milliseconds since the epoch, while its set is counted. This
   * only lets the recount end: a count that is written nevertheless makes it lose.
   */
  readonly heldUntil?: number;
}

/** Longest time for which a count is held. */
export const maxHoldMs = 30_000;
const heldPollMs = 25;

/** A write, with the changes of counts to note on its document. */
interface NotedWrite<T> extends Write<T> {
  readonly pending?: Pick<PendingChanges, 'token' | 'changes'>;
}

/** Operations of an engine that writes one document atomically and has no transactions. */
export interface CountStore<T = unknown> {
  /**
   * Writes documents by compare-and-set on the revision. A document with pending changes must not be
   * replaced.
   * @returns the ids that lost
   */
  put(writes: readonly NotedWrite<T>[]): Promise<readonly string[]>;
  /** Returns the pending changes of those of these documents that have any. */
  pending(documents: readonly string[]): Promise<readonly PendingChanges[]>;
  /** Returns these counts. Missing ones are not in the result. */
  counts(ids: readonly string[]): Promise<ReadonlyMap<string, StoredCount>>;
  /**
   * Writes counts by compare-and-set on the revision.
   * @returns the ids that lost
   */
  putCounts(counts: readonly StoredCount[]): Promise<readonly string[]>;
  /** Removes these pending changes, unless later ones have replaced them. */
  removePending(writes: readonly AppliedWrite[]): Promise<void>;
}

/**
 * Writes documents and applies the changes of those that win to their counts, each exactly once, whatever
 * other workers do and wherever a worker stops (docs/adr/constant-time-counts.md). A document notes its changes
 * until its counts include them, so another worker can take over.
 *
 * @returns the ids that lost
 */
export const putCounted = async <T>(store: CountStore<T>, writes: readonly Write<T>[]): Promise<string[]> => {
  const token = randomUUID();
  const noted = writes.map((write, i): NotedWrite<T> => {
    const { counts: changes = [] } = write;
    return changes.length === 0 ? write : { ...write, pending: { token: `${token}.${i}`, changes } };
  });
  const lost = [...(await store.put(noted))];
  if (writes.every(({ counts }) => counts === undefined)) return lost;
  const hasLost = new Set(lost);
  const won = noted.flatMap(({ id, pending }) =>
    pending && !hasLost.has(id) ? [{ document: id, ...pending }] : [],
  );
  // Some may have lost to changes that a crash has left.
  const left = lost.length > 0 ? await store.pending(lost) : [];
  await applyPending(store, [...won, ...left]);
  return lost;
};

/**
 * Applies pending changes to their counts.
 *
 * The order of the steps is the proof. A count is read first, and the pending changes afterwards. If a change
 * is still pending and the count that was read does not list it, no worker had added it by then: it would be
 * unlisted only after it was no longer pending. If it is added meanwhile, the compare-and-set loses.
 */
const applyPending = async <T>(store: CountStore<T>, given: readonly PendingChanges[]): Promise<void> => {
  const heldAtMost = performance.now() + maxHoldMs;
  for (let open = given; open.length > 0; ) {
    const counts = await store.counts(unique(open.flatMap(({ changes }) => changes.map(({ id }) => id))));
    if (performance.now() < heldAtMost && isHeld(counts)) {
      await setTimeout(heldPollMs);
      continue;
    }
    const listed = [...counts.values()].flatMap(({ applied }) => applied);
    const pending = await store.pending(unique([...open, ...listed].map(({ document }) => document)));
    const tokens = new Set(pending.map(({ token }) => token));
    open = open.filter(({ token }) => tokens.has(token));
    const changed = addChanges(counts, open, tokens);
    const lost = new Set(changed.length > 0 ? await store.putCounts(changed) : []);
    const hasLost = ({ changes }: PendingChanges): boolean => changes.some(({ id }) => lost.has(id));
    const done = open.filter((one) => !hasLost(one));
    if (done.length > 0) await store.removePending(done);
    open = open.filter(hasLost);
  }
};

const isHeld = (counts: ReadonlyMap<string, StoredCount>): boolean =>
  [...counts.values()].some(({ heldUntil = 0 }) => heldUntil > Date.now());

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

/**
 * Returns the counts that change, with the changes that they do not include yet. Unlists what is no longer
 * pending, so a list is not longer than what the last writers have added.
 */
const addChanges = (
  counts: ReadonlyMap<string, StoredCount>,
  open: readonly PendingChanges[],
  pending: ReadonlySet<string>,
): StoredCount[] => {
  const additions = Map.groupBy(
    open.flatMap(({ document, token, changes }) =>
      changes.map(({ id, by }) => ({ id, by, document, token })),
    ),
    ({ id }) => id,
  );
  return [...additions].flatMap(([id, all]) => {
    const { revision, n, applied } = counts.get(id) ?? { revision: 0, n: 0, applied: [] };
    const included = new Set(applied.map(({ token }) => token));
    const added = all.filter(({ token }) => !included.has(token));
    if (added.length === 0) return [];
    return {
      id,
      revision,
      n: added.reduce((sum, { by }) => sum + by, n),
      applied: [
        ...applied.filter(({ token }) => pending.has(token)),
        ...added.map(({ document, token }) => ({ document, token })),
      ],
    };
  });
};
