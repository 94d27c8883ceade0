import type { Documents } from '@rookery/document-store';
import type { BroadcastDoc, ItemDoc } from '@rookery/read-models';
import { readCheckpoint } from './checkpoint.ts';

/**
 * Writes the items of high-fan-out authors to `broadcasts`, for readers to add to their own feeds. The items must be
 * durable, and the events must not be acknowledged before: then a reader who has read the broadcasts after the checkpoint
 * has passed a position has all that belong to events up to it.
 *
 * @param progress id of the checkpoint up to which readers read
 */
export const writeBroadcasts = async (
  documents: Documents,
  progress: string,
  items: ReadonlyMap<string, ItemDoc>,
  highFanOut: ReadonlySet<string>,
): Promise<void> => {
  const own = [...items].filter(([, { actor }]) => actor !== null && highFanOut.has(actor));
  if (own.length === 0) return;
  for (;;) {
    const { position: read } = await readCheckpoint(documents, progress);
    const isLate = await writeAfter(documents, own, read);
    // Readers may have read beyond an event that is applied late, as a dead letter is. So its broadcast must be stored
    // before any of them can read up to its position.
    if (!isLate || (await readCheckpoint(documents, progress)).position === read) return;
  }
};

/** @returns whether one of the items belongs to an event up to the position `read` */
const writeAfter = async (
  documents: Documents,
  items: readonly (readonly [string, ItemDoc])[],
  read: number,
): Promise<boolean> => {
  const collection = documents.collection<BroadcastDoc>('broadcasts');
  let isLate = false;
  const broadcasts = new Map<string, BroadcastDoc>();
  for (const [id, { actor, position, changed = 0 }] of items) {
    const last = Math.max(position ?? 0, changed);
    if (last <= read) isLate = true;
    if (actor !== null) broadcasts.set(id, { actor, position: Math.max(last, read + 1) });
  }
  for (let open = [...broadcasts.keys()]; open.length > 0; ) {
    const stored = await collection.getMany(open);
    const writes = open.flatMap((id) => {
      const before = stored.get(id);
      const doc = broadcasts.get(id);
      return doc && doc.position > (before?.doc.position ?? 0)
        ? [{ id, revision: before?.revision ?? 0, doc }]
        : [];
    });
    open = writes.length > 0 ? await collection.putMany(writes) : [];
  }
  return isLate;
};
