import { isIncluded } from '@rookery/graphql-server';
import {
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** The part of a resolver's `info` that selections need. */
export type Operation = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/** One field of the answer: all selections under the same response key. */
export interface Selected {
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  /** Undefined for `__typename`. */
  readonly definition: GraphQLField<unknown, unknown> | undefined;
}

/** The fields selected inside these nodes on an object of the type, as execution collects them. */
export const selectedFields = (
  operation: Operation,
  typeName: string,
  nodes: readonly FieldNode[],
): readonly Selected[] => {
  const { schema } = operation;
  const type = schema.getType(typeName);
  if (!isCompositeType(type)) return [];
  const byKey: FieldsByKey = new Map();
  for (const { selectionSet } of nodes)
    if (selectionSet) collect(operation, type, selectionSet, new Set(), byKey);
  const fields = 'getFields' in type ? type.getFields() : {};
  return [...byKey].map(([key, { name, nodes }]) => ({ key, name, nodes, definition: fields[name] }));
};

type FieldsByKey = Map<string, { readonly name: string; readonly nodes: FieldNode[] }>;

/** @param spread names of the enclosing fragments */
const collect = (
  operation: Operation,
  type: GraphQLCompositeType,
  { selections }: SelectionSetNode,
  spread: ReadonlySet<string>,
  byKey: FieldsByKey,
): void => {
  for (const selection of selections) {
    if (!isIncluded(selection, operation.variableValues)) continue;
    if (selection.kind === Kind.FIELD) {
      addField(selection, byKey);
      continue;
    }
    const inside = insideOf(selection, spread);
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? operation.fragments[selection.name.value] : selection;
    if (inside && fragment && applies(operation, fragment.typeCondition?.name.value, type))
      collect(operation, type, fragment.selectionSet, inside, byKey);
  }
};

/** Returns the names of the fragments around the content of a fragment; undefined if it contains itself. */
const insideOf = (
  selection: FragmentSpreadNode | InlineFragmentNode,
  spread: ReadonlySet<string>,
): ReadonlySet<string> | undefined => {
  if (selection.kind === Kind.INLINE_FRAGMENT) return spread;
  const name = selection.name.value;
  return spread.has(name) ? undefined : new Set([...spread, name]);
};

const addField = (node: FieldNode, byKey: FieldsByKey): void => {
  const key = (node.alias ?? node.name).value;
  const found = byKey.get(key);
  if (found) found.nodes.push(node);
  else byKey.set(key, { name: node.name.value, nodes: [node] });
};

const applies = (
  { schema }: Operation,
  condition: string | undefined,
  type: GraphQLCompositeType,
): boolean => {
  if (condition === undefined || condition === type.name) return true;
  const wider = schema.getType(condition);
  return (
    isAbstractType(wider) && type.name !== condition && !isAbstractType(type) && schema.isSubType(wider, type)
  );
};

/** The name of the type that a field leads to, and whether it is a list. */
export const fieldType = ({
  definition,
}: Selected): { readonly name: string; readonly isList: boolean } | undefined =>
  definition && {
    name: getNamedType(definition.type).name,
    isList: isListType(getNullableType(definition.type)),
  };
