import type { CollectionName } from './collections.ts';
import type { CountKind } from './shapes.ts';
import type { Collection, Where } from './types.ts';

/** All sets of one kind: the documents of a collection by the value of one field. */
export interface CountedSets {
  readonly kind: CountKind;
  readonly collection: CollectionName;
  readonly field: string;
  /** Only these count; a set without any is of size 0. */
  readonly where: Where;
}

/** Documents written in the quickest way there is, into collections that nobody else knows of yet. */
export interface Bulk {
  /** All of these or none. Nobody looks whether an id is there already: that must be known. */
  insert(
    name: CollectionName,
    docs: readonly { readonly id: string; readonly doc: unknown }[],
  ): Promise<void>;
  /** Makes the ids unique, before anything else is done with the documents. @throws TypeError where they are not */
  key(): Promise<void>;
}

/** What MongoDB and Postgres each implement: collections in namespaces. An undefined namespace is the base. */
export interface Engine {
  collection<T>(namespace: string | undefined, name: string): Collection<T>;
  /** Makes collections and indexes where they are missing. */
  prepare(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /** Only what can be written to: an index that is made later, by `prepare`, is made quicker. */
  prepareBare(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /** Makes these collections to be filled in bulk; undefined where they are there already, or the engine has no such way. */
  bulk(namespace: string | undefined, names: readonly CollectionName[]): Promise<Bulk | undefined>;
  /** Counts all sets of these kinds anew, into `counts` of the same namespace. For whom nobody writes meanwhile. */
  countAll(namespace: string | undefined, sets: readonly CountedSets[]): Promise<void>;
  /** Removes whole collections. */
  drop(namespace: string | undefined, names: readonly CollectionName[]): Promise<void>;
  /** Removes a namespace with all that is in it. */
  dropNamespace(namespace: string): Promise<void>;
  ping(): Promise<void>;
  readonly calls: number;
  close(): Promise<void>;
}
