import type { Documents } from '@rookery/document-store';
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
type Urgency = 'urgent' | 'idle';

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
 * The checkpoints in one document store. All projections of a process apply the same events at about the same time, so
 * updates that come while others are written are written together afterwards: by one read and one write. A projection that
 * an event does not concern is done first, and its update waits for those of the others.
 */
export class Checkpoints {
  readonly #documents: Documents;
  #waiting: Update[] = [];
  #isWriting = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(documents: Documents) {
    this.#documents = documents;
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
        for (const { reject } of updates) reject(error);
      }
    } while (this.#waiting.some(({ urgency }) => urgency === 'urgent'));
    this.#isWriting = false;
    if (this.#waiting.length > 0) this.#writeLater();
  }

  async #writeTogether(
    updates: ReadonlyMap<string, readonly Update[]>,
  ): Promise<ReadonlyMap<string, CheckpointDoc>> {
    const collection = this.#documents.collection<CheckpointDoc>('progress');
    const docs = new Map<string, CheckpointDoc>();
    for (let open = [...updates.keys()]; open.length > 0; ) {
      const stored = await collection.getMany(open);
      const writes = open.flatMap((id) => {
        const { doc: before = none, revision = 0 } = stored.get(id) ?? {};
        const doc = applyChanges(before, updates.get(id) ?? []);
        docs.set(id, doc);
        return doc === before ? [] : [{ id, revision, doc }];
      });
      open = writes.length > 0 ? await collection.putMany(writes) : [];
    }
    return docs;
  }
}

/** Returns the same document if nothing changes. */
const applyChanges = (before: CheckpointDoc, updates: readonly Update[]): CheckpointDoc => {
  let doc = before;
  for (const { change } of updates) {
    const changed = change(doc);
    if (changed) doc = { ...doc, ...changed };
  }
  return doc;
};
