import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { type Data, isData } from './data.ts';
import { LostValue } from './lost-value.ts';
import { merge } from './merge.ts';
import { isOfType } from './rewrites.ts';

/** Missing values of an entity: why each was lost, or undefined if it was never fetched. */
type Missing = (LostValue | undefined)[];

/**
 * Returns the part of an entity by which its subgraph knows it; null if some of that is missing.
 * @param missing notes what is missing
 */
export const pick = (
  schema: GraphQLSchema,
  source: unknown,
  selections: readonly QueryPlanSelectionNode[],
  missing: Missing,
): Data | null => {
  if (!isData(source)) return null;
  const picked: Data = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const known = missing.length;
      const value = pickField(schema, source, selection, missing);
      if (missing.length > known) return null;
      picked[selection.alias ?? selection.name] = value;
    } else if (selection.typeCondition && isOfType(schema, source, selection.typeCondition))
      merge(picked, pick(schema, source, selection.selections, missing));
  }
  return picked;
};

const pickField = (
  schema: GraphQLSchema,
  source: Data,
  { alias, name, selections }: Extract<QueryPlanSelectionNode, { kind: 'Field' }>,
  missing: Missing,
): unknown => {
  const key = alias ?? name;
  const value = Object.hasOwn(source, key) ? source[key] : undefined;
  if (value === undefined || value instanceof LostValue) {
    missing.push(value);
    return undefined;
  }
  if (!selections) return value;
  return Array.isArray(value)
    ? value.map((item) => pick(schema, item, selections, missing))
    : pick(schema, value, selections, missing);
};
