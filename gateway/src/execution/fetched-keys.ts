import { type DocumentNode, type FieldNode, Kind, type SelectionNode } from 'graphql';

/** The names under which a fetch brings its fields. */
export interface FetchedKeys {
  readonly keys: ReadonlySet<string>;
  /** True if the fetch also asks for the object's type. */
  readonly typename: boolean;
}

/**
 * Returns the response keys that a fetch selects of the root, or of each entity.
 * @param applies whether what is fetched of an entity on this type is fetched of the entity in question
 */
export const fetchedKeys = (
  { definitions }: DocumentNode,
  applies: (condition: string) => boolean,
): FetchedKeys => {
  const keys = new Set<string>();
  let typename = false;
  const collect = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        if (key === '__typename') typename = true;
        else keys.add(key);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : definitions.find(
              (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
            );
      if (fragment?.kind !== Kind.INLINE_FRAGMENT && fragment?.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const condition = fragment.typeCondition?.name.value;
      if (condition === undefined || applies(condition)) collect(fragment.selectionSet.selections);
    }
  };
  for (const definition of definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const { selections } = definition.selectionSet;
      const entities = selections.find(isEntities);
      collect(entities ? (entities.selectionSet?.selections ?? []) : selections);
    }
  return { keys, typename };
};

const isEntities = (selection: SelectionNode): selection is FieldNode =>
  selection.kind === Kind.FIELD && selection.name.value === '_entities';
