import {
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  visit,
} from 'graphql';

/** Returns the fields that a fetch selects of each entity, with the type of each. */
export const entityFields = (document: DocumentNode): [type: string, field: FieldNode][] => {
  const below = (type: string, selection: SelectionNode): [string, FieldNode][] => {
    if (selection.kind === Kind.FIELD) return [[type, selection]];
    if (selection.kind !== Kind.INLINE_FRAGMENT) return [];
    const on = (selection as InlineFragmentNode).typeCondition?.name.value ?? type;
    return selection.selectionSet.selections.flatMap((each) => below(on, each));
  };
  const [operation] = document.definitions;
  const { selectionSet } = operation as OperationDefinitionNode;
  return selectionSet.selections.flatMap((root) =>
    root.kind === Kind.FIELD && root.name.value === '_entities'
      ? (root.selectionSet?.selections ?? []).flatMap((each) => below('', each))
      : [],
  );
};

/** A part needs no variable of another part; to define one would be an error. */
export const withUsedVariables = (
  document: DocumentNode,
): { readonly query: string; readonly variables: ReadonlySet<string> } => {
  const variables = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      variables.add(name.value);
    },
  });
  const query = visit(document, {
    VariableDefinition: ({ variable }) => (variables.has(variable.name.value) ? undefined : null),
  });
  return { query: print(query), variables };
};
