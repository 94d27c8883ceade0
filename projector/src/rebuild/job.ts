import { randomUUID } from 'node:crypto';
import type { Documents, Generation, RebuildDoc } from '@rookery/stores/documents';

/** There is one rebuild at a time. */
const id = 'current';
const longAgo = new Date(0).toISOString();
/** Whoever has given no sign of life for so long is gone. Milliseconds. */
const gone = 6_000;

/** Another process is at it, or another rebuild was begun and not ended. */
export class RebuildInTheWay extends Error {
  override name = 'RebuildInTheWay';
}

/** The rebuild as it is written down: what a process that takes it over goes on from. */
export interface Job {
  readonly doc: RebuildDoc;
  /** Writes down how far it is. @throws RebuildInTheWay where somebody else has taken it over */
  save(change: Partial<RebuildDoc>): Promise<void>;
  /** Lets another process (or call) take it up at once. */
  release(): Promise<void>;
}

export const findJob = async (documents: Documents): Promise<RebuildDoc | undefined> => {
  const found = await documents.collection<RebuildDoc>('rebuilds').getMany([id]);
  const doc = found.get(id)?.doc;
  return doc && doc.phase !== 'done' ? doc : undefined;
};

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.toSorted().join() === b.toSorted().join();

/**
 * Takes up the rebuild of these projections that was begun and not ended, or begins one.
 * @throws RebuildInTheWay
 */
export const takeJob = async (
  documents: Documents,
  projections: readonly string[],
  begin: () => Promise<Omit<RebuildDoc, 'holder' | 'startedAt' | 'at'>>,
): Promise<Job & { readonly resumed: boolean }> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  const found = (await collection.getMany([id])).get(id);
  let revision = found?.revision ?? 0;
  let doc: RebuildDoc;
  const open = found && found.doc.phase !== 'done' ? found.doc : undefined;
  const now = () => new Date().toISOString();
  if (open) {
    if (!same(open.projections, projections)) {
      throw new RebuildInTheWay(
        `a rebuild of ${open.projections.join(', ')} was begun and not ended: end it by the same command, or drop it with --abandon`,
      );
    }
    if (Date.now() - Date.parse(open.at) < gone) {
      throw new RebuildInTheWay('another process is at it, or was until a moment ago');
    }
    doc = open;
  } else {
    doc = { ...(await begin()), holder: '', startedAt: now(), at: now() };
  }
  const holder = randomUUID();
  const write = async (change: Partial<RebuildDoc>): Promise<void> => {
    const next = { ...doc, holder, at: now(), ...change };
    const lost = await collection.putMany([{ id, revision, doc: next }]);
    if (lost.length > 0) {
      // A write that was not answered may have been done all the same.
      const there = (await collection.getMany([id])).get(id);
      if (there?.doc.holder !== holder) {
        throw new RebuildInTheWay('another process has taken the rebuild over');
      }
      revision = there.revision;
      return write(change);
    }
    revision += 1;
    doc = next;
  };
  let writing: Promise<void> = Promise.resolve();
  const save = (change: Partial<RebuildDoc>): Promise<void> => {
    writing = writing.catch(() => {}).then(() => write(change));
    return writing;
  };
  await save({});
  return {
    resumed: open !== undefined,
    get doc() {
      return doc;
    },
    save,
    release: () => save({ at: longAgo }),
  };
};

/** Forgets the rebuild that was begun. @returns what it was */
export const dropJob = async (documents: Documents): Promise<RebuildDoc | undefined> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  const found = (await collection.getMany([id])).get(id);
  if (!found || found.doc.phase === 'done') return undefined;
  await collection.putMany([{ id, revision: found.revision, doc: { ...found.doc, phase: 'done' } }]);
  return found.doc;
};

export type { Generation, RebuildDoc };
