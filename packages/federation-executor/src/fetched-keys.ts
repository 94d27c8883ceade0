import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
} from 'graphql';

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
  const collected: CollectedKeys = { keys: new Set(), typename: false };
  const fragments = fragmentsIn(definitions);
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { selections } = definition.selectionSet;
    const entities = selections.find(isEntities);
    collect(entities ? (entities.selectionSet?.selections ?? []) : selections, fragments, applies, collected);
  }
  return collected;
};

interface CollectedKeys {
  readonly keys: Set<string>;
  typename: boolean;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const fragmentsIn = (definitions: DocumentNode['definitions']): Fragments =>
  new Map(
    definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );

const collect = (
  selections: readonly SelectionNode[],
  fragments: Fragments,
  applies: (condition: string) => boolean,
  collected: CollectedKeys,
): void => {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      if (key === '__typename') collected.typename = true;
      else collected.keys.add(key);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition?.name.value;
    if (condition === undefined || applies(condition))
      collect(fragment.selectionSet.selections, fragments, applies, collected);
  }
};

const isEntities = (selection: SelectionNode): selection is FieldNode =>
  selection.kind === Kind.FIELD && selection.name.value === '_entities';
