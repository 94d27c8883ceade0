import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { PermissionRules, Requirement } from './rules.ts';

/** Requirements of each field of each object type, derived once per supergraph. */
export class FieldRules {
  /** Schema as seen by clients. */
  readonly schema: GraphQLSchema;
  readonly #supergraph: GraphQLSchema;
  readonly #rules: PermissionRules;
  readonly #known = new Map<string, readonly Requirement[]>();

  /** @param supergraph with all types and fields that the rules may speak of, also those that clients don't see */
  constructor(schema: GraphQLSchema, supergraph: GraphQLSchema, rules: PermissionRules) {
    this.schema = schema;
    this.#supergraph = supergraph;
    this.#rules = rules;
  }

  get isEmpty(): boolean {
    return this.#rules.requirements.size === 0;
  }

  /**
   * Returns the requirements of the field, of its parent type, of its result type, and of all fields that are
   * fetched for its resolution, since the result may reveal them.
   */
  of(type: GraphQLObjectType, field: string): readonly Requirement[] {
    const coordinate = `${type.name}.${field}`;
    const known = this.#known.get(coordinate);
    if (known !== undefined) return known;
    // Field sets can't lead back here, or composition would have refused them; so be it, then it ends here.
    this.#known.set(coordinate, []);
    const { requirements, requires } = this.#rules;
    const whole = this.#supergraph.getType(type.name);
    const answer = isObjectType(whole) ? whole.getFields()[field]?.type : undefined;
    const found = [
      ...(requirements.get(type.name) ?? []),
      ...(requirements.get(coordinate) ?? []),
      ...(answer === undefined ? [] : this.#ofAnswer(getNamedType(answer))),
      ...(requires.get(coordinate) ?? []).flatMap((set) => this.#ofSet(selectionSet(set), whole ?? type)),
    ];
    const distinct = [...new Map(found.map((each) => [each.key, each])).values()];
    this.#known.set(coordinate, distinct);
    return distinct;
  }

  /** Object types that something of this type can turn out to be. */
  possible(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    return possibleTypes(type, this.schema);
  }

  /** Skips abstract result types: each object enforces its own requirements. */
  #ofAnswer(type: GraphQLNamedType): readonly Requirement[] {
    return isAbstractType(type) ? [] : (this.#rules.requirements.get(type.name) ?? []);
  }

  #ofSet({ selections }: SelectionSetNode, type: GraphQLNamedType): Requirement[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return this.#ofSetField(selection, type);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      const condition = selection.typeCondition?.name.value;
      const narrowed = condition === undefined ? type : this.#supergraph.getType(condition);
      return narrowed === undefined ? [] : this.#ofSet(selection.selectionSet, narrowed);
    });
  }

  #ofSetField({ name, selectionSet: inside }: FieldNode, type: GraphQLNamedType): Requirement[] {
    return possibleTypes(type, this.#supergraph).flatMap((each) => {
      const answer = each.getFields()[name.value]?.type;
      if (answer === undefined) return [];
      const named = getNamedType(answer);
      return [
        ...this.of(each, name.value),
        ...(inside && isCompositeType(named) ? this.#ofSet(inside, named) : []),
      ];
    });
  }
}

const possibleTypes = (type: GraphQLNamedType, schema: GraphQLSchema): readonly GraphQLObjectType[] => {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
};

const selectionSet = (fieldSet: string): SelectionSetNode => {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('not a field set');
  return definition.selectionSet;
};
