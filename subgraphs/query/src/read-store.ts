import type { Collection } from '@rookery/document-store';
import type { CollectionName, Shapes } from '@rookery/read-models';

/** A collection, to those who only read. */
export type ReadCollection<T> = Pick<Collection<T>, 'getMany' | 'page' | 'pageOf'>;

/** The documents, behind the policy of their link. */
export interface ReadStore {
  collection<T>(name: string): ReadCollection<T>;
}

/** The documents, to those who only read. */
export interface Reader {
  collection<N extends CollectionName>(name: N): ReadCollection<Shapes[N]>;
}
