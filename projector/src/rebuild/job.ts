import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Documents, Stored } from '@rookery/document-store';
import type { RebuildDoc } from '@rookery/read-models';

/** Only one rebuild runs at a time. */
const id = 'current';
const longAgo = new Date(0).toISOString();
/** Heartbeat interval of the process that runs the rebuild. */
const heartbeatMs = 1_000;
/**
 * A process without a heartbeat for this long, by the clock of the waiting process, is considered dead.
 */
const deadAfterMs = 5_000;
/** Polling interval of a waiting process. */
const pollIntervalMs = 250;

/** Another process runs a rebuild, or an earlier rebuild is unfinished. */
export class RebuildConflictError extends Error {
  override name = 'RebuildConflictError';
}

/** Stored state of a rebuild, from which another process can resume it. */
export interface Job {
  readonly doc: RebuildDoc;
  /**
   * Saves the state.
   * @throws RebuildConflictError if another process has taken over
   */
  save(change: Partial<RebuildDoc>): Promise<void>;
  /** Stops the heartbeat and lets another process or call resume at once. */
  release(): Promise<void>;
}

/** Work of a job: to rebuild projections, or to roll one back. */
export interface Task {
  readonly projections: readonly string[];
  readonly rollsBack: boolean;
}

export interface TakeOptions {
  readonly signal: AbortSignal;
  /** Called while it is unknown whether another process is still running, with the remaining time in milliseconds. */
  readonly onWait?: (left: number) => void;
}

/** Returns whether a stored job does the same. The generation of a rebuild is not what a roll-back asks for, nor the reverse. */
const isSame = ({ rollsBack = false, projections }: RebuildDoc, task: Task): boolean =>
  rollsBack === task.rollsBack && projections.toSorted().join() === task.projections.toSorted().join();

/**
 * Waits until it is known whether another process runs the rebuild. A process may have been killed a moment
 * ago, and its heartbeat has the time of another clock, so only a new heartbeat counts.
 * @throws RebuildConflictError if a new heartbeat arrives
 */
const untilNobodyIsAtIt = async (
  documents: Documents,
  begun: Stored<RebuildDoc>,
  { signal, onWait }: TakeOptions,
): Promise<void> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  const since = performance.now();
  for (let found = begun; found.doc.at !== longAgo; ) {
    const left = deadAfterMs - (performance.now() - since);
    if (left <= 0) return;
    onWait?.(left);
    await setTimeout(Math.min(pollIntervalMs, left), undefined, { signal });
    const now = (await collection.getMany([id])).get(id);
    if (!now || now.doc.at === longAgo) return;
    if (now.revision !== found.revision) {
      const ended = now.doc.phase === 'done';
      throw new RebuildConflictError(
        ended ? 'another process has just ended it' : 'another process is at it',
      );
    }
    found = now;
  }
};

/**
 * Resumes the unfinished job if it does the same, or starts one, with a heartbeat until it is released or done.
 * @throws RebuildConflictError
 */
export const takeJob = async (
  documents: Documents,
  task: Task,
  begin: () => Promise<Omit<RebuildDoc, 'projections' | 'rollsBack' | 'holder' | 'startedAt' | 'at'>>,
  options: TakeOptions,
): Promise<Job & { readonly resumed: boolean }> => {
  const collection = documents.collection<RebuildDoc>('rebuilds');
  let found = (await collection.getMany([id])).get(id);
  if (found && found.doc.phase !== 'done') {
    if (!isSame(found.doc, task)) {
      const what = found.doc.rollsBack ? 'roll-back' : 'rebuild';
      throw new RebuildConflictError(
        `a ${what} of ${found.doc.projections.join(', ')} was begun and not ended: end it by the same command, or drop it with --abandon`,
      );
    }
    await untilNobodyIsAtIt(documents, found, options);
    found = (await collection.getMany([id])).get(id);
  }
  let revision = found?.revision ?? 0;
  const open = found && found.doc.phase !== 'done' ? found.doc : undefined;
  const now = () => new Date().toISOString();
  let doc: RebuildDoc = open ?? { ...task, ...(await begin()), holder: '', startedAt: now(), at: now() };
  const holder = randomUUID();
  const write = async (change: Partial<RebuildDoc>): Promise<void> => {
    const next = { ...doc, holder, at: now(), ...change };
    const lost = await collection.putMany([{ id, revision, doc: next }]);
    if (lost.length > 0) {
      // A write without an answer may still have succeeded.
      const there = (await collection.getMany([id])).get(id);
      if (there?.doc.holder !== holder) {
        throw new RebuildConflictError('another process has taken the rebuild over');
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
  const alive = setInterval(() => void save({}).catch(() => {}), heartbeatMs);
  alive.unref();
  return {
    resumed: open !== undefined,
    get doc() {
      return doc;
    },
    save,
    async release() {
      clearInterval(alive);
      // A finished rebuild stays finished: there is nothing to resume.
      await writing.catch(() => {});
      if (doc.phase !== 'done') await save({ at: longAgo });
    },
  };
};

/** Returns whether a rebuild was begun and is neither finished nor dropped. */
export const isRebuildUnfinished = async (documents: Documents): Promise<boolean> => {
  const found = (await documents.collection<RebuildDoc>('rebuilds').getMany([id])).get(id);
  return found !== undefined && found.doc.phase !== 'done';
};

/**
 * Drops the unfinished rebuild.
 * @returns its state
 * @throws RebuildConflictError if a process runs it
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
  if (lost.length > 0) throw new RebuildConflictError('another process has taken the rebuild over');
  return found.doc;
};

export type { RebuildDoc };
