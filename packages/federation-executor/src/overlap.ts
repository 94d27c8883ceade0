import { type GraphQLCompositeType, type GraphQLSchema, isObjectType } from 'graphql';

/** Relation of the possible object types of one type to those of another. */
export type Overlap = 'within' | 'around' | 'some' | 'none';

/** Compares two types by the object types that something of them can turn out to be; equal ones are `within`. */
export const overlapOf = (
  schema: GraphQLSchema,
  one: GraphQLCompositeType,
  other: GraphQLCompositeType,
): Overlap => {
  if (one === other) return 'within';
  const [ones, others] = [possible(schema, one), possible(schema, other)];
  const shared = ones.filter((type) => others.includes(type)).length;
  if (shared === 0) return 'none';
  if (shared === ones.length) return 'within';
  return shared === others.length ? 'around' : 'some';
};

const possible = (schema: GraphQLSchema, type: GraphQLCompositeType) =>
  isObjectType(type) ? [type] : schema.getPossibleTypes(type);
