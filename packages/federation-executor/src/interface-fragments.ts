import { RookeryError } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Fields of an operation once its fragments are written out for each type: a fragment in a fragment multiplies them. */
const maxFields = 2_000;

/** A fragment, with or without a name. */
interface Fragment {
  readonly on: string | undefined;
  readonly set: SelectionSetNode;
}

export interface InterfaceFragmentsOptions {
  readonly schema: GraphQLSchema;
  /** Names of interfaces that some subgraph has as one object (`@interfaceObject`). */
  readonly interfaceObjects: ReadonlySet<string>;
}

/**
 * Expands fragments on interfaces and unions to their object types if they are on an interface that is an
 * interface object elsewhere: for such a subgraph the planner of Apollo only finds object types and fails for
 * others.
 * @throws RookeryError GRAPHQL_VALIDATION_FAILED if this produces too many fields
 */
export const writeOutFragments = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  options: InterfaceFragmentsOptions,
): DocumentNode => {
  const { schema } = options;
  const root = schema.getRootType(operation.operation);
  const fragments = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  if (!root || options.interfaceObjects.size === 0) return document;
  const selectionSet = new Writer(fragments, options).set(operation.selectionSet, root);
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
};

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #interfaceObjects: ReadonlySet<string>;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  #fields = 0;

  constructor(
    fragments: readonly FragmentDefinitionNode[],
    { schema, interfaceObjects }: InterfaceFragmentsOptions,
  ) {
    this.#schema = schema;
    this.#interfaceObjects = interfaceObjects;
    this.#fragments = new Map(fragments.map((each) => [each.name.value, each]));
  }

  set(set: SelectionSetNode, parent: GraphQLNamedType): SelectionSetNode {
    const selections = this.#selections(set, parent);
    // Nothing that is asked for can be of this type; a selection set may not be empty.
    return { ...set, selections: selections.length > 0 ? selections : [typename] };
  }

  #selections({ selections }: SelectionSetNode, parent: GraphQLNamedType): SelectionNode[] {
    return selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return [this.#field(selection, parent)];
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return this.#fragment(
          { on: selection.typeCondition?.name.value, set: selection.selectionSet },
          parent,
        );
      const named = this.#fragments.get(selection.name.value);
      return named
        ? this.#fragment({ on: named.typeCondition.name.value, set: named.selectionSet }, parent)
        : [];
    });
  }

  #field(field: FieldNode, parent: GraphQLNamedType): FieldNode {
    if (++this.#fields > maxFields)
      throw new RookeryError(
        'GRAPHQL_VALIDATION_FAILED',
        `The operation has too many fields of different types: the most is ${maxFields}.`,
      );
    const known = 'getFields' in parent ? parent.getFields()[field.name.value] : undefined;
    if (!field.selectionSet || !known) return field;
    return { ...field, selectionSet: this.set(field.selectionSet, getNamedType(known.type)) };
  }

  #fragment({ on, set }: Fragment, parent: GraphQLNamedType): readonly SelectionNode[] {
    const type = on === undefined ? parent : this.#schema.getType(on);
    if (!type) return [];
    if (this.#isAlways(type, parent)) return this.#selections(set, parent);
    // One of several types is known to be another.
    if (isObjectType(parent)) return [];
    if (!isAbstractType(type) || !this.#interfaceObjects.has(parent.name)) return this.#on(type, set);
    return this.#possible(parent)
      .filter((each) => this.#schema.isSubType(type, each))
      .flatMap((each) => this.#on(each, set));
  }

  /** Returns whether every object of `parent` has the fields of `type`. */
  #isAlways(type: GraphQLNamedType, parent: GraphQLNamedType): boolean {
    if (type === parent) return true;
    if (!isAbstractType(type)) return false;
    return (isObjectType(parent) || isInterfaceType(parent)) && this.#schema.isSubType(type, parent);
  }

  #on(type: GraphQLNamedType, set: SelectionSetNode): readonly SelectionNode[] {
    const selections = this.#selections(set, type);
    if (selections.length === 0) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ];
  }

  #possible(type: GraphQLNamedType) {
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
  }
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
