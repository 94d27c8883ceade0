export {
  type CollectionName,
  collections,
  collectionsOf,
  countKindsOf,
  demandCollection,
  type Index,
  indexName,
  ownerOf,
  ownerOfCount,
} from './collections.ts';
export { isStandby, type Projection, projections, standbyOf } from './projections.ts';
export * from './shapes.ts';
