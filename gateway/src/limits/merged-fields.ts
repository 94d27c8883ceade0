import { badInput, isIncluded } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

export interface MergedFieldsOptions {
  readonly schema: GraphQLSchema;
  /** Must be valid. */
  readonly document: DocumentNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field as it will be executed: everything that is selected of it under one response name. */
export interface MergedField {
  /** One of the nodes; all of them have the same name and arguments. */
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  /** Selections below it. */
  readonly inside: readonly SelectionSetNode[];
}

interface Collected {
  readonly node: FieldNode;
  readonly inside: Set<SelectionSetNode>;
}

/**
 * Fields of an operation by object type, after fragments are written out, conditions decided and repeated fields merged
 * (GraphQL, section 6.3.2). Cost and rate limits are charged for these fields, so that they do not depend on how
 * the operation is written.
 */
export class MergedFields {
  readonly #schema: GraphQLSchema;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #ids = new Map<SelectionSetNode, number>();

  constructor({ schema, document, variables }: MergedFieldsOptions) {
    this.#schema = schema;
    this.#variables = variables;
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
  }

  /** Fields of these selections if they are made of this type. Those of introspection are none. */
  of(sets: readonly SelectionSetNode[], type: GraphQLObjectType): MergedField[] {
    const collected = new Map<string, Collected>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(set, type, collected, spread);
    const definitions = type.getFields();
    return [...collected.values()].flatMap(({ node, inside }) => {
      const definition = definitions[node.name.value];
      return definition ? [{ node, definition, inside: [...inside] }] : [];
    });
  }

  /** Object types that a value of this type can have. */
  possibleTypes(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
  }

  /**
   * Returns the arguments of a field with defaults applied.
   * @throws RookeryError BAD_USER_INPUT if a variable is null in a non-null position, which validation
   * accepts because of its default
   */
  argumentsOf({ node, definition }: Pick<MergedField, 'node' | 'definition'>): Record<string, unknown> {
    if (definition.args.length === 0) return {};
    try {
      return getArgumentValues(definition, node, this.#variables);
    } catch (error) {
      const name = definition.args.find((each) => String(error).includes(`"${each.name}"`))?.name;
      throw badInput(name ?? node.name.value, (error as Error).message);
    }
  }

  /** Equal for equal selections. */
  key(sets: readonly SelectionSetNode[]): string {
    if (sets.length === 1 && sets[0]) return String(this.#id(sets[0]));
    return sets
      .map((set) => this.#id(set))
      .sort((a, b) => a - b)
      .join();
  }

  #id(set: SelectionSetNode): number {
    const known = this.#ids.get(set);
    if (known !== undefined) return known;
    this.#ids.set(set, this.#ids.size);
    return this.#ids.size - 1;
  }

  #collect(
    { selections }: SelectionSetNode,
    type: GraphQLObjectType,
    collected: Map<string, Collected>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      // A condition that is null is refused later, and costs as if it held.
      if (!isIncluded(selection, this.#variables, () => {})) continue;
      if (selection.kind === Kind.FIELD) {
        collectField(selection, collected);
        continue;
      }
      const fragment = this.#firstSpread(selection, spread);
      if (fragment && this.#applies(fragment.typeCondition?.name.value, type))
        this.#collect(fragment.selectionSet, type, collected, spread);
    }
  }

  /** Returns the fragment; undefined if it has been spread before, or is unknown. */
  #firstSpread(
    selection: FragmentSpreadNode | InlineFragmentNode,
    spread: Set<string>,
  ): FragmentDefinitionNode | InlineFragmentNode | undefined {
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
    const name = selection.name.value;
    const fragment = this.#fragments.get(name);
    if (!fragment || spread.has(name)) return undefined;
    spread.add(name);
    return fragment;
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const on = this.#schema.getType(condition);
    return isAbstractType(on) && this.#schema.isSubType(on, type);
  }
}

const collectField = (selection: FieldNode, collected: Map<string, Collected>): void => {
  const name = (selection.alias ?? selection.name).value;
  const merged = collected.get(name) ?? { node: selection, inside: new Set() };
  collected.set(name, merged);
  if (selection.selectionSet) merged.inside.add(selection.selectionSet);
};
