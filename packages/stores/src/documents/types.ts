import type { Bulk, CountedSets } from './engine.ts';
import type { Generation, GenerationsDoc, ProjectionGenerations } from './shapes.ts';

/** The value of a document's top-level field that can be asked for. Null also means that the field is missing. */
export type Scalar = string | number | boolean | null;

/** All of these hold; an array means any of its values. */
export type Where = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** A document as it is kept: plain JSON, its id within the collection, and a revision that grows with each write. */
export interface Stored<T> {
  readonly id: string;
  /** 0 where there is none yet. */
  readonly revision: number;
  readonly doc: T;
}

export interface Write<T> {
  readonly id: string;
  /** The revision that was read; 0 for a new document. The write loses where the document has another by now. */
  readonly revision: number;
  readonly doc: T;
}

export interface PageRequest {
  readonly where: Where;
  /** A top-level numeric field, unique within the answer (a position). Documents without a number in it are left out. */
  readonly orderBy: string;
  readonly direction: 'asc' | 'desc';
  /** Only what comes behind this value of orderBy, in the given direction. */
  readonly after?: number;
  readonly limit: number;
}

export interface CountOptions {
  /** Longest time of the statement. Default: that of every call. */
  readonly timeoutMs?: number;
}

/** One collection, as each projection and each read sees it. */
export interface Collection<T> {
  /** One round trip; ids that are not there are not in the answer. */
  getMany(ids: readonly string[]): Promise<Map<string, Stored<T>>>;
  /**
   * One bulk write, each document on its own and at most once in it: compare-and-set by revision.
   * Answers the ids that lost (somebody else wrote in between); all others are durable.
   */
  putMany(writes: readonly Write<T>[]): Promise<string[]>;
  /**
   * One bulk write of documents that are thought to be new, the quickest there is; each at most once in it.
   * Answers the ids that were there already; all others are durable, at revision 1.
   */
  insertMany(docs: readonly { readonly id: string; readonly doc: T }[]): Promise<string[]>;
  /** Removes documents that still have the revision that was read. Answers the ids that have another, or are gone. */
  removeMany(removals: readonly Pick<Stored<T>, 'id' | 'revision'>[]): Promise<string[]>;
  /** Documents in the order asked for, `limit` at the most; one round trip. */
  page(request: PageRequest): Promise<Stored<T>[]>;
  /** How many match; one round trip. */
  count(where: Where): Promise<number>;
  /** How many match for each value of one field: one round trip; values without any are not in the answer. */
  countBy(
    field: string,
    values: readonly string[],
    where: Where,
    options?: CountOptions,
  ): Promise<Map<string, number>>;
  /** Every document, or those behind an id, in order of id, in batches: for verify and rebuild. */
  scan(batch: number, after?: string): AsyncIterable<Stored<T>[]>;
  /** Removes every document. */
  clear(): Promise<void>;
}

/** The pointer as it was read: which generation of each projection is live. */
export interface Generations {
  of(projection: string): ProjectionGenerations;
  readonly doc: GenerationsDoc;
  /** Of the pointer's document; 0 where there is none. */
  readonly revision: number;
}

/** One projection in one generation, for a rebuild or a verification beside the live one. */
export interface Beside {
  /** Of this projection, in this generation only. */
  readonly documents: Documents;
  /** Makes what is missing, but no indexes. */
  prepareBare(): Promise<void>;
  /** The quickest way to fill it, where nothing is there yet and the engine has one. Otherwise undefined. */
  bulk(): Promise<Bulk | undefined>;
  /** Makes what is missing, indexes included. */
  prepare(): Promise<void>;
  /** Counts all sets of these kinds anew. For whom nobody writes meanwhile. */
  countAll(sets: readonly CountedSets[]): Promise<void>;
  /** Removes the projection's documents and counts. */
  clear(): Promise<void>;
}

/** A document store: a database of collections. The URL chooses the engine. */
export interface Documents {
  /** Declared in collections.ts, with its indexes. Each call goes to the generation that is live at that moment. */
  collection<T>(name: string): Collection<T>;
  /** Makes collections and indexes where they are missing. Idempotent, and safe when several processes do it at once. */
  prepare(): Promise<void>;
  /** Which generations are live: at most `lease` old, or read just now. */
  generations(fresh?: boolean): Promise<Generations>;
  /** The same documents, of a fixed choice: what was read and what is written then belong to the same generation. */
  at(choose: (projection: string) => Generation): Documents;
  beside(generation: Generation, projection: string): Beside;
  /** Removes a whole generation. */
  dropGeneration(generation: Generation): Promise<void>;
  /** Rejects where the engine doesn't answer. */
  ping(): Promise<void>;
  /** Round trips so far: what the tests of batched reads count. */
  readonly calls: number;
  close(): Promise<void>;
}
