import type { Index } from './projections/define.ts';

/*
 * Documents that belong to the store as a whole and not to one projection: they are in the base, and a rebuild does
 * not build them.
 */

/** `counts/<kind>:<id>`: the size of a set. */
export interface CountDoc {
  readonly n: number;
}

/**
 * `authors/<userId>`: exists once the author has reached FANOUT_LIMIT followers, and is never removed. From
 * then on the items of the author are not written to the feeds of the followers but to the broadcasts. It determines
 * how items are found, and is not part of a rebuild.
 */
export interface AuthorDoc {
  readonly big: true;
}

/**
 * `broadcasts/<itemId>`: an item of an author with too many followers, which readers add to their own feeds when they
 * read them. Like the mark of its author, it is not part of a rebuild.
 */
export interface BroadcastDoc {
  readonly actor: string;
  /**
   * At or after the position of the last event that changed the item, and after every position up to which a reader may
   * have read the broadcasts before. So it may be greater than the position of the item.
   */
  readonly position: number;
}

/** `progress/<projection>`: every event up to this position has been applied. */
export interface CheckpointDoc {
  /** Only ever raised, unless the documents belong to another history than a backup that is restored. */
  readonly position: number;
  /** ISO 8601 instant. */
  readonly at: string;
  /**
   * For `feeds`: the epoch of the feeds in Redis that are complete (see feedKey); otherwise 0. Stored next to
   * the position so that one read returns both.
   */
  readonly epoch: number;
  /** Events per second by which the position rose lately. Absent: not known yet, or written by an earlier version. */
  readonly perSecond?: number;
  /**
   * Time of creation of the consumer whose acknowledgements count for this position. Absent: not known yet, or written by an
   * earlier version.
   */
  readonly consumer?: string;
}

/** Number of a set of collections: 0 is the base, any other lies in a namespace of its own. */
export type Generation = number;

/** In which generations a projection is kept (docs/explanation/recovery.md). */
export interface ProjectionGenerations {
  /** Generation that is read. */
  readonly live: Generation;
  /** Written as well, before anything is acknowledged: while a swap is under way. */
  readonly also: Generation | null;
  /** Previously live generation, and the position up to which it is complete: for a roll-back. */
  readonly previous: { readonly generation: Generation; readonly upTo: number } | null;
}

/** `generations/current`: one document for all projections, so that several swap at once. Absent means all in the base. */
export interface GenerationsDoc {
  /** The newest number that was given; none is given twice. */
  readonly last: Generation;
  readonly projections: Readonly<Partial<Record<string, ProjectionGenerations>>>;
}

/** `rebuilds/<id>`: a rebuild in progress, or its result. */
export interface RebuildDoc {
  readonly projections: readonly string[];
  /** True if it restores the former generation of a projection. Absent: a rebuild, or a job of an earlier version. */
  readonly rollsBack?: boolean;
  readonly generation: Generation;
  readonly phase: 'load' | 'count' | 'catch-up' | 'join' | 'drain' | 'done';
  /** Everything up to here is in the new generation. */
  readonly upTo: number;
  /** While loading: ranges behind `upTo` that are in it already, each by its last position. */
  readonly ranges: readonly number[];
  /** While loading: positions in what is done whose events have still to be applied. Absent means none. */
  readonly putOff?: readonly number[];
  /** Position at which loading ends and catching up begins. */
  readonly loadTo: number;
  /** Projection → the generation that this rebuild pushes out, to be removed at its end. Absent: not known yet. */
  readonly obsolete?: Readonly<Record<string, Generation>>;
  /** Changes with the process that is at it; `at` is its last sign of life. */
  readonly holder: string;
  /** ISO 8601 instants. */
  readonly startedAt: string;
  readonly at: string;
}

/**
 * `recounts/<projection>:<generation>`: exists once this version has counted the sets of the generation, whose
 * counts an earlier version wrote after their documents.
 */
export interface RecountDoc {
  /** ISO 8601 instant. */
  readonly at: string;
  /** False: the sets are counted once more, since projectors of the earlier version may still have been running. */
  readonly isLast: boolean;
}

/** Documents of each collection of the base. */
export interface BaseDocuments {
  /** By kind: several projections share it, and their counts are in the generations of their projections. */
  readonly counts: CountDoc;
  readonly authors: AuthorDoc;
  readonly broadcasts: BroadcastDoc;
  readonly progress: CheckpointDoc;
  readonly generations: GenerationsDoc;
  readonly rebuilds: RebuildDoc;
  readonly recounts: RecountDoc;
}

/** Indexes of each collection of the base; the id has its own index. */
export const baseIndexes: Readonly<Record<keyof BaseDocuments, readonly Index[]>> = {
  counts: [],
  authors: [],
  broadcasts: [{ equal: [], order: 'position' }],
  progress: [],
  generations: [],
  rebuilds: [],
  recounts: [],
};
