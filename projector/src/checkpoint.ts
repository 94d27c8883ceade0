import type { Collection, Documents, Replacement, Stored } from '@rookery/document-store';
import type { CheckpointDoc } from '@rookery/read-models';

const none: CheckpointDoc = { position: 0, at: new Date(0).toISOString(), epoch: 0 };

export const readCheckpoint = async (documents: Documents, projection: string): Promise<CheckpointDoc> => {
  const found = await documents.collection<CheckpointDoc>('progress').getMany([projection]);
  return found.get(projection)?.doc ?? none;
};

/** Returns the changed fields, or undefined to leave the checkpoint as it is. May be called again. */
type Change = (now: CheckpointDoc) => Partial<CheckpointDoc> | undefined;

/**
 * Changes `progress/<projection>` by compare-and-set.
 * @returns the current document
 */
export const updateCheckpoint = (
  documents: Documents,
  projection: string,
  change: Change,
): Promise<CheckpointDoc> => new Checkpoints(documents).update(projection, change);

/** When an update is written. `idle`: nobody waits for it, so it may wait for others to be written with. */
export type Urgency = 'urgent' | 'idle';

interface Update {
  readonly projection: string;
  readonly change: Change;
  readonly urgency: Urgency;
  readonly resolve: (now: CheckpointDoc) => void;
  readonly reject: (error: unknown) => void;
}

/** Maximum wait of an idle update for others, in milliseconds. */
const idleWaitMs = 10;
/**
 * Time for which a checkpoint is known after it was read or written. Shorter than any fail-over of the store: after one that has
 * lost data, another worker could give the last revision to another checkpoint. Milliseconds.
 */
const knownForMs = 500;
/** Time for which checkpoints are read before each write, after another worker has written one. Milliseconds. */
const sharedForMs = 1_000;

interface KnownCheckpoint extends Stored<CheckpointDoc> {
  /** Time before it was read or written. */
  readonly at: number;
}

/**
 * The checkpoints in one document store. All projections of a process apply the same events at about the same time, so
 * updates that come while others are written are written together afterwards: by one read and one write. A projection that
 * an event does not concern is done first, and its update waits for those of the others.
 *
 * A checkpoint that this process has just read or written is changed without reading it again: the write loses if it has another
 * revision by now, or is gone.
 */
export class Checkpoints {
  readonly #documents: Documents;
  #waiting: Update[] = [];
  #isWriting = false;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Checkpoints as they were read or written last. */
  readonly #known = new Map<string, KnownCheckpoint>();
  /** Until then, other workers may be writing. */
  #sharedUntil = Number.NEGATIVE_INFINITY;

  readonly #now: () => number;

  constructor(documents: Documents, now = (): number => performance.now()) {
    this.#documents = documents;
    this.#now = now;
  }

  /** See updateCheckpoint. */
  update(projection: string, change: Change, urgency: Urgency = 'urgent'): Promise<CheckpointDoc> {
    const { promise, resolve, reject } = Promise.withResolvers<CheckpointDoc>();
    this.#waiting.push({ projection, change, urgency, resolve, reject });
    if (urgency === 'urgent') void this.#write();
    else this.#writeLater();
    return promise;
  }

  #writeLater(): void {
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      void this.#write();
    }, idleWaitMs);
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    do {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = undefined;
      const updates = this.#waiting.splice(0);
      try {
        const docs = await this.#writeTogether(Map.groupBy(updates, ({ projection }) => projection));
        for (const { projection, resolve } of updates) resolve(docs.get(projection) ?? none);
      } catch (error) {
        this.#known.clear();
        for (const { reject } of updates) reject(error);
      }
    } while (this.#waiting.some(({ urgency }) => urgency === 'urgent'));
    this.#isWriting = false;
    if (this.#waiting.length > 0) this.#writeLater();
  }

  async #writeTogether(updates: Updates): Promise<ReadonlyMap<string, CheckpointDoc>> {
    const collection = this.#documents.collection<CheckpointDoc>('progress');
    const ids = [...updates.keys()];
    for (let open = await this.#replaceKnown(collection, updates); open.length > 0; ) {
      const at = this.#now();
      const stored = await collection.getMany(open);
      const { writes, changed } = changesOf(open, stored, updates);
      this.#note(changed, at);
      open = writes.length > 0 ? await collection.putMany(writes) : [];
    }
    return new Map(ids.map((id) => [id, this.#known.get(id)?.doc ?? none]));
  }

  /** Returns those that must be read: they are not known, would not change, or another worker has written them. */
  async #replaceKnown(collection: Collection<CheckpointDoc>, updates: Updates): Promise<readonly string[]> {
    const ids = [...updates.keys()];
    const at = this.#now();
    const isKnown = (id: string): boolean => {
      const known = this.#known.get(id);
      return known !== undefined && known.revision > 0 && at - known.at < knownForMs;
    };
    if (at < this.#sharedUntil || !ids.every(isKnown)) return ids;
    const { writes, changed } = changesOf(ids, this.#known, updates);
    if (writes.length < ids.length) return ids;
    const lost = await collection.replaceMany(writes);
    if (lost.length > 0) this.#sharedUntil = at + sharedForMs;
    this.#note(
      changed.filter(({ id }) => !lost.includes(id)),
      at,
    );
    return lost;
  }

  #note(checkpoints: readonly Stored<CheckpointDoc>[], at: number): void {
    for (const checkpoint of checkpoints) this.#known.set(checkpoint.id, { ...checkpoint, at });
  }
}

type Updates = ReadonlyMap<string, readonly Update[]>;

/** Returns the checkpoints with their changes, and those of them that must be written. */
const changesOf = (
  ids: readonly string[],
  stored: ReadonlyMap<string, Stored<CheckpointDoc>>,
  updates: Updates,
) => {
  const writes: Replacement<CheckpointDoc>[] = [];
  const changed = ids.map((id): Stored<CheckpointDoc> => {
    const { doc: before = none, revision = 0 } = stored.get(id) ?? {};
    const doc = applyChanges(before, updates.get(id) ?? []);
    if (doc === before) return { id, revision, doc };
    writes.push({ id, revision, doc });
    return { id, revision: revision + 1, doc };
  });
  return { writes, changed };
};

/** Returns the same document if nothing changes. */
const applyChanges = (before: CheckpointDoc, updates: readonly Update[]): CheckpointDoc => {
  let doc = before;
  for (const { change } of updates) {
    const changed = change(doc);
    if (changed) doc = { ...doc, ...changed };
  }
  return doc;
};
