import type { Generation, GenerationsDoc, ProjectionGenerations } from '@rookery/read-models';
import type { Bulk, CountedSets } from './engine.ts';

/** Value of a top-level field that queries can use. Null also matches a missing field. */
export type Scalar = string | number | boolean | null;

/**
 * All conditions must hold; an array matches any of its values. A condition about a field whose index has each value of a list
 * (`Index.each`) matches the documents whose list has the value; only pages take it, and alone.
 */
export type Where = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** A stored document: plain JSON, its id within the collection, and a revision that grows with each write. */
export interface Stored<T> {
  readonly id: string;
  /** Revision; 0 if there is none yet. */
  readonly revision: number;
  readonly doc: T;
  /**
   * True if a crash has left changes of counts that this document has caused and that are not applied. Every
   * write of the document loses until a write with `counts` has applied them.
   */
  readonly hasPendingCounts?: true;
}

/** Change of a count that a write causes. */
export interface CountChange {
  /** Id in `counts`, in the generation of the document. */
  readonly id: string;
  /** 1 for a new member, -1 for a former one. 0 creates the count if it is missing. */
  readonly by: -1 | 0 | 1;
}

export interface Write<T> {
  readonly id: string;
  /** Revision that was read; 0 for a new document. The write loses if the document has another revision. */
  readonly revision: number;
  readonly doc: T;
  /** Applied exactly once if the write wins, and not at all if it loses. Each id at most once. */
  readonly counts?: readonly CountChange[];
}

/** A write without counts. */
export type Replacement<T> = Pick<Write<T>, 'id' | 'revision' | 'doc'>;

/** The values of a text field of other documents. Their collection belongs to the same projection. */
export interface Among {
  /** Field that must have one of the values; not one of the fields of the page's `where`. */
  readonly field: string;
  readonly collection: string;
  /** Field of the other documents. */
  readonly values: string;
  /** Condition of the other documents. */
  readonly where: Where;
}

export interface PageRequest {
  readonly where: Where;
  /** Semi-join: returns only documents whose field has one of these values, which the store reads by itself. */
  readonly among?: Among;
  /** Top-level numeric field, unique within the result (a position). Documents without a number in it are skipped. */
  readonly orderBy: string;
  readonly direction: 'asc' | 'desc';
  /** Returns only documents after this value of orderBy, in the given direction. */
  readonly after?: number | undefined;
  /** Returns only documents before this value of orderBy, in the given direction. Not for a page by a value of a list. */
  readonly until?: number | undefined;
  readonly limit: number;
}

/** Some fields of a document. One that the document lacks is null. */
export type Fields<T, Field extends keyof T> = {
  readonly [Name in Field]-?: Exclude<T[Name], undefined> | null;
};

/** A collection. */
export interface Collection<T> {
  /** Reads documents in one round trip. Missing ids are not in the result. */
  getMany(ids: readonly string[]): Promise<Map<string, Stored<T>>>;
  /**
   * Writes documents in bulk by compare-and-set on the revision; each document at most once.
   * @returns the ids that lost because another process wrote in between; all others are durable, with their
   *   counts
   */
  putMany(writes: readonly Write<T>[]): Promise<string[]>;
  /**
   * Replaces documents that still have the revision that was read, and creates none; each at most once. In a collection
   * without counts.
   * @returns the ids that have another one, or are gone; all others are durable
   */
  replaceMany(writes: readonly Replacement<T>[]): Promise<string[]>;
  /**
   * Inserts documents that are probably new, in the fastest way; each at most once.
   * @returns the ids that existed already; all others are durable, at revision 1
   */
  insertMany(docs: readonly { readonly id: string; readonly doc: T }[]): Promise<string[]>;
  /**
   * Removes documents that still have the revision that was read.
   * @returns the ids that have another one, or are gone
   */
  removeMany(removals: readonly Pick<Stored<T>, 'id' | 'revision'>[]): Promise<string[]>;
  /**
   * Returns at most `limit` documents in the requested order. One round trip; MongoDB needs one more for `among`, and about one
   * for each 200 combinations of values, which together return little more than the page.
   */
  page(request: PageRequest): Promise<Stored<T>[]>;
  /** Returns the same page with these top-level fields alone, for long pages: the store neither sends nor reads the rest as JSON. */
  pageOf<Field extends keyof T & string>(
    fields: readonly Field[],
    request: PageRequest,
  ): Promise<Stored<Fields<T, Field>>[]>;
  /** Counts matching documents; one round trip. */
  count(where: Where): Promise<number>;
  /** Yields all documents, or those after an id, in order of id and in batches, for verify and rebuild. */
  scan(batch: number, after?: string): AsyncIterable<Stored<T>[]>;
  /** Removes every document. */
  clear(): Promise<void>;
}

/** The pointer to the live generation of each projection. */
export interface Generations {
  of(projection: string): ProjectionGenerations;
  readonly doc: GenerationsDoc;
  /** Revision of the document of the pointer; 0 if there is none. */
  readonly revision: number;
}

/** A projection in a generation that is not live, for a rebuild or a verification. */
export interface Beside {
  /** Documents of this projection in this generation only. */
  readonly documents: Documents;
  /** Creates missing collections without indexes. */
  prepareBare(): Promise<void>;
  /** Returns the bulk loader if the generation is empty and the engine has one. */
  bulk(): Promise<Bulk | undefined>;
  /** Creates missing collections and indexes. */
  prepare(): Promise<void>;
  /** Counts all sets of these kinds again and corrects their counts, also while other processes write. */
  countAll(sets: readonly CountedSets[]): Promise<void>;
  /** Removes the projection's documents and counts. */
  clear(): Promise<void>;
}

/** A database by its name in OpenTelemetry's semantic conventions (`db.system.name`). */
export type DatabaseSystem = 'mongodb' | 'postgresql';

/** A document store with collections. The URL chooses the engine. */
export interface Documents {
  readonly system: DatabaseSystem;
  /** Returns a collection declared in collections.ts. Each call uses the generation that is live at that moment. */
  collection<T>(name: string): Collection<T>;
  /** Creates missing collections and indexes. Idempotent, even if several processes do it at once. */
  prepare(): Promise<void>;
  /** Returns the live generations: at most `leaseMs` old, or read now. */
  generations(fresh?: boolean): Promise<Generations>;
  /** Returns the documents of fixed generations, so that reads and writes belong to the same generation. */
  at(choose: (projection: string) => Generation): Documents;
  beside(generation: Generation, projection: string): Beside;
  /** Removes a whole generation. */
  dropGeneration(generation: Generation): Promise<void>;
  /** Rejects if the engine does not answer. */
  ping(): Promise<void>;
  /** Number of round trips so far, for the tests of batched reads. */
  readonly calls: number;
  /** Number of rows that the store has returned so far, for the tests of bounded reads. */
  readonly rows: number;
  close(): Promise<void>;
}
