import { type CollectionName, type CountKind, projections as names } from './collections.ts';
import type * as defined from './projections/define.ts';
import { definedProjections } from './projections/index.ts';

export { byDocument, fold, project } from './projections/fold.ts';

export type Merge = defined.Merge<CollectionName, CountKind>;
export type Projection = defined.Projection<CollectionName, CountKind>;

/** All read models with their reducers, by the name of their consumer and of their checkpoint. */
export const projections = definedProjections as readonly defined.Projection[] as readonly Projection[];

export const projectionNames: readonly string[] = names;
