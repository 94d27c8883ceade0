import { isIncluded } from '@rookery/graphql-server';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
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
  const byKey = new Map<string, { name: string; nodes: FieldNode[] }>();
  const collect = ({ selections }: SelectionSetNode, spread: ReadonlySet<string>): void => {
    for (const selection of selections) {
      if (!isIncluded(selection, operation.variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const found = byKey.get(key);
        if (found) found.nodes.push(selection);
        else byKey.set(key, { name: selection.name.value, nodes: [selection] });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (applies(operation, condition, type)) collect(selection.selectionSet, spread);
      } else {
        const name = selection.name.value;
        const fragment: FragmentDefinitionNode | undefined = operation.fragments[name];
        if (!fragment || spread.has(name)) continue;
        if (applies(operation, fragment.typeCondition.name.value, type))
          collect(fragment.selectionSet, new Set([...spread, name]));
      }
    }
  };
  for (const { selectionSet } of nodes) if (selectionSet) collect(selectionSet, new Set());
  const fields = 'getFields' in type ? type.getFields() : {};
  return [...byKey].map(([key, { name, nodes }]) => ({ key, name, nodes, definition: fields[name] }));
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
