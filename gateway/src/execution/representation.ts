import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { type Data, isData } from './data.ts';
import { LostValue } from './lost-value.ts';
import { merge } from './merge.ts';
import { isOfType } from './rewrites.ts';

/**
 * Returns the part of an entity by which its subgraph knows it; null if some of that is missing.
 * @param missing notes what is missing: why it was lost, or undefined if it was never fetched
 */
export const pick = (
  schema: GraphQLSchema,
  source: unknown,
  selections: readonly QueryPlanSelectionNode[],
  missing: (LostValue | undefined)[],
): Data | null => {
  if (!isData(source)) return null;
  const picked: Data = {};
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      if (selection.typeCondition && isOfType(schema, source, selection.typeCondition))
        merge(picked, pick(schema, source, selection.selections, missing));
      continue;
    }
    const key = selection.alias ?? selection.name;
    const value = Object.hasOwn(source, key) ? source[key] : undefined;
    if (value === undefined || value instanceof LostValue) {
      missing.push(value);
      return null;
    }
    const inner = selection.selections;
    if (!inner) {
      picked[key] = value;
      continue;
    }
    const known = missing.length;
    picked[key] = Array.isArray(value)
      ? value.map((item) => pick(schema, item, inner, missing))
      : pick(schema, value, inner, missing);
    if (missing.length > known) return null;
  }
  return picked;
};
