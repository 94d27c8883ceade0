import type { CollectionName, CountKind } from '@rookery/read-models';
import type { Collection, DatabaseSystem, Where } from './types.ts';

/** All sets of one kind: documents of a collection by the value of one field. */
export interface CountedSets {
  readonly kind: CountKind;
  readonly collection: CollectionName;
  readonly field: string;
  /** Condition of the counted documents; a set without any has size 0. */
  readonly where: Where;
}

/** Fastest way to write documents, for collections that no other process uses yet. */
export interface Bulk {
  /** Inserts all documents or none. Does not check for existing ids: the caller must know. */
  insert(
    name: CollectionName,
    docs: readonly { readonly id: string; readonly doc: unknown }[],
  ): Promise<void>;
  /**
   * Makes the ids unique, before any other use of the documents.
   * @throws TypeError if they are not
   */
  key(): Promise<void>;
}

/** Receives the duration of a call in seconds. */
export type OnCall = (seconds: number) => void;

/** Interface that MongoDB and Postgres implement: collections in namespaces. An undefined namespace is the base. */
export interface Engine {
  readonly system: DatabaseSystem;
  collection<T>(namespace: string | undefined, name: string): Collection<T>;
  /** Creates missing collections and indexes. */
  prepare(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /** Creates collections without indexes: an index that `prepare` builds later takes less time. */
  prepareBare(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /**
   * Creates these collections for bulk loading; undefined if they exist already or the engine does not
   * support it.
   */
  bulk(namespace: string | undefined, names: readonly CollectionName[]): Promise<Bulk | undefined>;
  /**
   * Counts all sets of these kinds again and corrects `counts` of the same namespace. Other processes may
   * write documents with their counts meanwhile.
   */
  countAll(namespace: string | undefined, sets: readonly CountedSets[]): Promise<void>;
  /** Removes whole collections. */
  drop(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /** Removes a namespace with all its collections. */
  dropNamespace(namespace: string): Promise<void>;
  ping(): Promise<void>;
  readonly calls: number;
  readonly rows: number;
  close(): Promise<void>;
}
