import {
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';

/** Fields that a field requires, by coordinate. */
type Requirements = Map<string, Set<string>>;

/** Returns the name of a type without lists and non-null. */
export const namedType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);

const requiredBy = ({ directives = [] }: FieldDefinitionNode): string | undefined => {
  const requires = directives.find(({ name }) => /^(?:federation__)?requires$/.test(name.value));
  const value = requires?.arguments?.find(({ name }) => name.value === 'fields')?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
};

const selectionOf = (fields: string): SelectionSetNode | undefined => {
  try {
    const [definition] = parse(`{ ${fields} }`).definitions;
    return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
  } catch {
    return undefined;
  }
};

/** Returns the coordinates that a selection on a type reads. */
const readBy = (type: string, selection: SelectionSetNode, types: ReadonlyMap<string, string>): string[] =>
  selection.selections.flatMap((one) => {
    if (one.kind === Kind.INLINE_FRAGMENT)
      return readBy(one.typeCondition?.name.value ?? type, one.selectionSet, types);
    if (one.kind !== Kind.FIELD) return [];
    const coordinate = `${type}.${one.name.value}`;
    const returned = types.get(coordinate);
    const inner = one.selectionSet && returned !== undefined ? readBy(returned, one.selectionSet, types) : [];
    return [coordinate, ...inner];
  });

const fieldsIn = (documents: readonly DocumentNode[]) =>
  documents.flatMap(({ definitions }) =>
    definitions.flatMap((definition) =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION
        ? (definition.fields ?? []).map((field) => ({ type: definition.name.value, field }))
        : [],
    ),
  );

const requirementsIn = (documents: readonly DocumentNode[]): Requirements => {
  const fields = fieldsIn(documents);
  const types = new Map(
    fields.map(({ type, field }) => [`${type}.${field.name.value}`, namedType(field.type)]),
  );
  const requirements: Requirements = new Map();
  for (const { type, field } of fields) {
    const selection = selectionOf(requiredBy(field) ?? '');
    if (selection === undefined) continue;
    const coordinate = `${type}.${field.name.value}`;
    const known = requirements.get(coordinate) ?? new Set();
    for (const read of readBy(type, selection, types)) known.add(read);
    requirements.set(coordinate, known);
  }
  return requirements;
};

/** Returns a cycle of fields of which each requires the next, if there is one; the first is repeated at its end. */
export const requiresCycle = (documents: readonly DocumentNode[]): readonly string[] | undefined => {
  const requirements = requirementsIn(documents);
  const done = new Set<string>();
  const follow = (coordinate: string, path: readonly string[]): readonly string[] | undefined => {
    const start = path.indexOf(coordinate);
    if (start >= 0) return [...path.slice(start), coordinate];
    if (done.has(coordinate)) return undefined;
    for (const required of requirements.get(coordinate) ?? []) {
      const cycle = follow(required, [...path, coordinate]);
      if (cycle !== undefined) return cycle;
    }
    done.add(coordinate);
    return undefined;
  };
  for (const coordinate of requirements.keys()) {
    const cycle = follow(coordinate, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};
