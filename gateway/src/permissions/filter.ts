import { isCondition } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { FieldRules } from './field-rules.ts';

/** Returns whether the field is denied on objects of this type. */
export type Denied = (type: GraphQLObjectType, field: string) => boolean;

/** A document without what is denied, and the response key under which objects say of what type they are. */
export interface Filtered {
  readonly document: DocumentNode;
  readonly typeKey: string;
}

/**
 * Removes denied fields from a valid document. A field of an interface or union that is denied on some types
 * is selected on the others. Adds __typename if the response depends on the type of an object.
 */
export const filterDocument = (document: DocumentNode, rules: FieldRules, denied: Denied): Filtered => {
  const typeKey = freeKey(document);
  const filter = new Filter(rules, denied, typeKey);
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      return definition;
    const type =
      definition.kind === Kind.OPERATION_DEFINITION
        ? rules.schema.getRootType(definition.operation)
        : rules.schema.getType(definition.typeCondition.name.value);
    if (!type) return definition;
    return { ...definition, selectionSet: filter.selectionSet(definition.selectionSet, type, false) };
  });
  return { document: { ...document, definitions }, typeKey };
};

class Filter {
  readonly #rules: FieldRules;
  readonly #denied: Denied;
  readonly #typeName: FieldNode;

  constructor(rules: FieldRules, denied: Denied, typeKey: string) {
    this.#rules = rules;
    this.#denied = denied;
    this.#typeName = {
      kind: Kind.FIELD,
      alias: { kind: Kind.NAME, value: typeKey },
      name: { kind: Kind.NAME, value: '__typename' },
    };
  }

  /** Never empty: if all fields are denied, the existence of the object is still needed. */
  selectionSet(set: SelectionSetNode, type: GraphQLNamedType, typed: boolean): SelectionSetNode {
    const selections = set.selections.flatMap((selection) => this.#selection(selection, type));
    if (typed || selections.length === 0) selections.push(this.#typeName);
    return { kind: Kind.SELECTION_SET, selections };
  }

  #selection(selection: SelectionNode, type: GraphQLNamedType): SelectionNode[] {
    if (selection.kind === Kind.FIELD) return this.#field(selection, type);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
    const condition = selection.typeCondition?.name.value;
    const narrowed = (condition === undefined ? undefined : this.#rules.schema.getType(condition)) ?? type;
    return [{ ...selection, selectionSet: this.selectionSet(selection.selectionSet, narrowed, false) }];
  }

  #field(node: FieldNode, type: GraphQLNamedType): SelectionNode[] {
    const name = node.name.value;
    const field = 'getFields' in type ? type.getFields()[name] : undefined;
    // __typename and introspection are nobody's secret.
    if (field === undefined) return [node];
    const possible = this.#rules.possible(type);
    const allowed = possible.filter((each) => !this.#denied(each, name));
    const answer = getNamedType(field.type);
    const kept: FieldNode =
      node.selectionSet && isCompositeType(answer)
        ? { ...node, selectionSet: this.selectionSet(node.selectionSet, answer, isAbstractType(answer)) }
        : node;
    if (allowed.length === possible.length) return [kept];
    const left = allowed.map(
      (each): SelectionNode => ({
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: each.name } },
        selectionSet: { kind: Kind.SELECTION_SET, selections: [kept] },
      }),
    );
    return [...this.#conditions(node), ...left];
  }

  /** The conditions of a field go on counting without it: one that is null is an error of the object that it stands in. */
  #conditions({ directives = [] }: FieldNode): SelectionNode[] {
    const conditions = directives.filter(({ name }) => isCondition(name.value));
    return conditions.length === 0 ? [] : [{ ...this.#typeName, directives: conditions }];
  }
}

/** A response key that the document does not use. */
const freeKey = (document: DocumentNode): string => {
  const text = JSON.stringify(document);
  let key = 'rookery_type';
  while (text.includes(key)) key += '_';
  return key;
};
