import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Documents, Generation, RebuildDoc, Stored } from '@rookery/stores/documents';

/** There is one rebuild at a time. */
const id = 'current';
const longAgo = new Date(0).toISOString();
/** How often whoever is at it gives a sign of life. Milliseconds. */
const signOfLife = 1_000;
/** Whoever has given none for so long, by the clock of who waits for it, is gone. Milliseconds. */
const gone = 5_000;
/** How often a process that waits looks. Milliseconds. */
const lookEvery = 250;

/** Another process is at it, or another rebuild was begun and not ended. */
export class RebuildInTheWay extends Error {
  override name = 'RebuildInTheWay';
}

/** The rebuild as it is written down: what a process that takes it over goes on from. */
export interface Job {
  readonly doc: RebuildDoc;
  /** Writes down how far it is. @throws RebuildInTheWay where somebody else has taken it over */
  save(change: Partial<RebuildDoc>): Promise<void>;
  /** Ends the signs of life, and lets another process (or call) take it up at once. */
  release(): Promise<void>;
}

export interface TakeOptions {
  readonly signal: AbortSignal;
  /** Told while it is not known yet whether another process is still at it: for how many milliseconds more. */
  readonly onWait?: (left: number) => void;
}

export const findJob = async (documents: Documents): Promise<RebuildDoc | undefined> => {
  const found = await documents.collection<RebuildDoc>('rebuilds').getMany([id]);
  const doc = found.get(id)?.doc;
  return doc && doc.phase !== 'done' ? doc : undefined;
};

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.toSorted().join() === b.toSorted().join();

/**
 * Waits until it can be told whether somebody is at it. A process that was killed may have been so a moment ago, and
 * its last sign of life bears the time of another clock; so what counts is only whether another one comes.
 * @throws RebuildInTheWay where it does
 */
const untilNobodyIsAtIt = async (
  documents: Documents,
  begun: Stored<RebuildDoc>,
  { signal, onWait }: TakeOptions,
): Promise<void> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  const since = performance.now();
  for (let found = begun; found.doc.at !== longAgo; ) {
    const left = gone - (performance.now() - since);
    if (left <= 0) return;
    onWait?.(left);
    await setTimeout(Math.min(lookEvery, left), undefined, { signal });
    const now = (await collection.getMany([id])).get(id);
    if (!now || now.doc.at === longAgo) return;
    if (now.revision !== found.revision) {
      const ended = now.doc.phase === 'done';
      throw new RebuildInTheWay(ended ? 'another process has just ended it' : 'another process is at it');
    }
    found = now;
  }
};

/**
 * Takes up the rebuild of these projections that was begun and not ended, or begins one. From then on it gives signs
 * of life until it is released or done.
 * @throws RebuildInTheWay
 */
export const takeJob = async (
  documents: Documents,
  projections: readonly string[],
  begin: () => Promise<Omit<RebuildDoc, 'holder' | 'startedAt' | 'at'>>,
  options: TakeOptions,
): Promise<Job & { readonly resumed: boolean }> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  let found = (await collection.getMany([id])).get(id);
  if (found && found.doc.phase !== 'done') {
    if (!same(found.doc.projections, projections)) {
      throw new RebuildInTheWay(
        `a rebuild of ${found.doc.projections.join(', ')} was begun and not ended: end it by the same command, or drop it with --abandon`,
      );
    }
    await untilNobodyIsAtIt(documents, found, options);
    found = (await collection.getMany([id])).get(id);
  }
  let revision = found?.revision ?? 0;
  const open = found && found.doc.phase !== 'done' ? found.doc : undefined;
  const now = () => new Date().toISOString();
  let doc: RebuildDoc = open ?? { ...(await begin()), holder: '', startedAt: now(), at: now() };
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
  const alive = setInterval(() => void save({}).catch(() => {}), signOfLife);
  alive.unref();
  return {
    resumed: open !== undefined,
    get doc() {
      return doc;
    },
    save,
    async release() {
      clearInterval(alive);
      // What is done stays as it is: there is nothing to take up.
      await writing.catch(() => {});
      if (doc.phase !== 'done') await save({ at: longAgo });
    },
  };
};

/**
 * Forgets the rebuild that was begun. @returns what it was
 * @throws RebuildInTheWay where a process is at it
 */
export const dropJob = async (
  documents: Documents,
  options: TakeOptions,
): Promise<RebuildDoc | undefined> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  const begun = (await collection.getMany([id])).get(id);
  if (!begun || begun.doc.phase === 'done') return undefined;
  await untilNobodyIsAtIt(documents, begun, options);
  const found = (await collection.getMany([id])).get(id) ?? begun;
  const dropped = { ...found.doc, phase: 'done', holder: '' } as const;
  const lost = await collection.putMany([{ id, revision: found.revision, doc: dropped }]);
  if (lost.length > 0) throw new RebuildInTheWay('another process has taken the rebuild over');
  return found.doc;
};

export type { Generation, RebuildDoc };
