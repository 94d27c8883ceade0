import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql';

/** Fields in a field set (of a key, of @requires), with their subfields. */
export interface FieldNames extends ReadonlyMap<string, FieldNames> {}

/** @param fieldSet as it stands in the SDL: `sku { vendor code }` */
export const namesIn = (fieldSet: string): FieldNames => {
  const [operation] = parse(`{ ${fieldSet} }`).definitions;
  return namesOf((operation as OperationDefinitionNode).selectionSet);
};

const namesOf = ({ selections }: SelectionSetNode): FieldNames =>
  union(
    selections.map((each): FieldNames => {
      if (each.kind === Kind.INLINE_FRAGMENT) return namesOf(each.selectionSet);
      if (each.kind !== Kind.FIELD) return new Map();
      return new Map([[each.name.value, each.selectionSet ? namesOf(each.selectionSet) : new Map()]]);
    }),
  );

/** Returns the union of field sets. */
export const union = (all: readonly FieldNames[]): FieldNames => {
  const names = new Map<string, FieldNames>();
  for (const [name, below] of all.flatMap((each) => [...each])) {
    const known = names.get(name);
    names.set(name, known ? union([known, below]) : below);
  }
  return names;
};

/** Without what the one names, unless the other names it too. */
export const without = (
  selections: readonly QueryPlanSelectionNode[],
  dropped: FieldNames,
  kept: FieldNames,
): QueryPlanSelectionNode[] =>
  selections.flatMap((each): QueryPlanSelectionNode[] => {
    if (each.kind === 'InlineFragment')
      return [{ ...each, selections: without(each.selections, dropped, kept) }];
    const [drop, keep] = [dropped.get(each.name), kept.get(each.name)];
    if (!drop) return [each];
    if (!keep) return [];
    return [each.selections ? { ...each, selections: without(each.selections, drop, keep) } : each];
  });

/** Each field once, with all that is selected of it anywhere. */
export const merged = (selections: readonly QueryPlanSelectionNode[]): QueryPlanSelectionNode[] => {
  const fields = new Map<string, QueryPlanSelectionNode>();
  const fragments: QueryPlanSelectionNode[] = [];
  for (const each of selections) {
    if (each.kind === 'InlineFragment') {
      fragments.push(each);
      continue;
    }
    const known = fields.get(each.name);
    const below = [...(known?.selections ?? []), ...(each.selections ?? [])];
    fields.set(each.name, below.length === 0 ? each : { ...each, selections: merged(below) });
  }
  return [...fields.values(), ...fragments];
};
