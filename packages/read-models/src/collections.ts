import { type BaseDocuments, baseIndexes } from './base.ts';
import type * as defined from './projections/define.ts';
import { definedProjections } from './projections/index.ts';
import type { RelationDoc } from './projections/relation.ts';

type Defined = (typeof definedProjections)[number];
/** Name of a projection. */
export type Projection = Defined['name'];

/** Intersection of the members of a union. */
type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer I) => void
  ? I
  : never;
type ProjectedCollections = All<Defined['collections']>;

type DocOf<One> = One extends { merge(...args: never): infer Doc } ? Doc : never;
type CountOf<One> = One extends defined.Collection<infer _Doc, infer Count> ? Count : never;

/** Collection → what its documents are. */
export type Shapes = BaseDocuments & {
  readonly [Name in keyof ProjectedCollections]: DocOf<ProjectedCollections[Name]>;
};
export type CollectionName = keyof Shapes;
/** Name of a collection of relations between actor and object. */
export type RelationName = {
  [Name in CollectionName]: Shapes[Name] extends RelationDoc ? Name : never;
}[CollectionName];
/** Kind of a count; the kinds are those of the counts of all collections. */
export type CountKind = CountOf<ProjectedCollections[keyof ProjectedCollections]>;

/** Names of all projections. */
export const projections: readonly Projection[] = definedProjections.map(({ name }) => name);

const ownCollections: readonly (readonly [CollectionName, defined.Collection, Projection])[] =
  definedProjections.flatMap(({ name, collections }) =>
    Object.entries<defined.Collection>(collections).map(
      ([collection, definition]) => [collection as CollectionName, definition, name] as const,
    ),
  );

const byName = <T>(
  ofBase: Readonly<Record<keyof BaseDocuments, T>>,
  ofOne: (definition: defined.Collection, projection: Projection) => T,
): Readonly<Record<CollectionName, T>> =>
  ({
    ...Object.fromEntries(
      ownCollections.map(([name, definition, owner]) => [name, ofOne(definition, owner)]),
    ),
    ...ofBase,
  }) as Record<CollectionName, T>;

/** Indexes of each collection. */
export const collections = byName<readonly defined.Index[]>(baseIndexes, ({ indexes }) => indexes);

const ownPrefixes: readonly (readonly [CollectionName, string])[] = ownCollections.flatMap(
  ([name, { idPrefix }]) => (idPrefix === undefined ? [] : [[name, idPrefix] as const]),
);

/** Collection → field with the value of which, and a colon, each id begins. Absent: there is no such field. */
export const idPrefixOf: ReadonlyMap<CollectionName, string> = new Map(ownPrefixes);

/** @throws TypeError if the collection does not exist */
export const demandCollection = (name: string): CollectionName => {
  if (!Object.hasOwn(collections, name)) throw new TypeError(`no such collection: ${name}`);
  return name as CollectionName;
};

/** Returns the index of these fields, in any order, and this order, if there is one. */
export const findIndex = (
  collection: CollectionName,
  equal: readonly string[],
  order: string,
): defined.Index | undefined =>
  collections[collection].find(
    (index) =>
      index.order === order &&
      index.equal.length === equal.length &&
      index.equal.every((field) => equal.includes(field)),
  );

/** The name of an index, the same on both engines. */
export const indexName = (collection: string, { each, equal, order }: defined.Index): string =>
  [collection, ...(each === undefined ? [] : [each]), ...equal, ...(order === undefined ? [] : [order])]
    .join('_')
    .toLowerCase();

/**
 * Projection of each collection, whose rebuild builds it again. Null: the collection is in the base and not
 * part of a rebuild.
 */
export const ownerOf = byName<Projection | null>(
  {
    counts: null,
    authors: null,
    broadcasts: null,
    progress: null,
    generations: null,
    rebuilds: null,
    recounts: null,
  },
  (_definition, projection) => projection,
);

/** Projection of each kind of count. */
export const ownerOfCount = Object.fromEntries(
  ownCollections.flatMap(([, { counts }, owner]) => Object.keys(counts).map((kind) => [kind, owner])),
) as Readonly<Record<CountKind, Projection>>;

/** The id of a count. */
export const countId = (kind: CountKind, id: string): string => `${kind}:${id}`;

/** The kinds of count that a projection keeps. */
export const countKindsOf = (projection: string): CountKind[] =>
  (Object.keys(ownerOfCount) as CountKind[]).filter((kind) => ownerOfCount[kind] === projection);

/** The collections that a projection keeps, without its counts. */
export const collectionsOf = (projection: string): CollectionName[] =>
  ownCollections.flatMap(([name, , owner]) => (owner === projection ? [name] : []));
