import type { QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import {
  type FragmentDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type SelectionNode,
} from 'graphql';

/** Selections of an operation or a plan in one form; the caller resolves fragment spreads. */
export type Selected = SelectedField | SelectedFragment;

interface SelectedField {
  readonly kind: 'Field';
  readonly name: string;
  readonly key: string;
  readonly below: Lazy;
}

interface SelectedFragment {
  readonly kind: 'Fragment';
  readonly on: string | undefined;
  readonly below: Lazy;
}

type Lazy = () => readonly Selected[];

/** Returns the place of a value in the data, without list indices. */
const placeOf = (path: ResponsePath): string => path.filter((step) => step !== '@').join('\n');

/**
 * Records the object types for which a field is needed at each place in the data: by the client, or by a
 * fetch that sends it to a subgraph.
 */
export class WantedFields {
  readonly #schema: GraphQLSchema;
  /** By place and response name. */
  readonly #types = new Map<string, Map<string, Set<string>>>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @param type declared type at the path; undefined if each selection names its own */
  note(path: ResponsePath, type: GraphQLNamedType | undefined, selections: readonly Selected[]): void {
    this.#walk(placeOf(path), type, type && this.#possible(type), selections);
  }

  /** Returns the object types for which the field is needed; undefined if it is not needed. */
  of(path: ResponsePath, key: string): ReadonlySet<string> | undefined {
    return this.#types.get(placeOf(path))?.get(key);
  }

  #walk(
    place: string,
    type: GraphQLNamedType | undefined,
    types: ReadonlySet<string> | undefined,
    selections: readonly Selected[],
  ): void {
    for (const each of selections) {
      if (each.kind === 'Fragment') this.#walkFragment(place, type, types, each);
      else if ((isObjectType(type) || isInterfaceType(type)) && types)
        this.#walkField(place, type, types, each);
    }
  }

  #walkFragment(
    place: string,
    type: GraphQLNamedType | undefined,
    types: ReadonlySet<string> | undefined,
    { on: name, below }: SelectedFragment,
  ): void {
    const on = name === undefined ? type : this.#schema.getType(name);
    const possible = on && this.#possible(on);
    const both =
      types && possible ? new Set([...types].filter((each) => possible.has(each))) : (possible ?? types);
    this.#walk(place, on, both, below());
  }

  #walkField(
    place: string,
    type: GraphQLObjectType | GraphQLInterfaceType,
    types: ReadonlySet<string>,
    { name, key, below }: SelectedField,
  ): void {
    const field = type.getFields()[name];
    if (!field) return;
    this.#add(place, key, types);
    const inner = getNamedType(field.type);
    const placeBelow = placeOf([...(place === '' ? [] : [place]), key]);
    this.#walk(placeBelow, inner, this.#possible(inner), below());
  }

  #possible(type: GraphQLNamedType): ReadonlySet<string> {
    return possibleTypes(this.#schema, type);
  }

  #add(place: string, key: string, types: ReadonlySet<string>): void {
    const here = this.#types.get(place) ?? new Map<string, Set<string>>();
    this.#types.set(place, here);
    const known = here.get(key) ?? new Set<string>();
    here.set(key, known);
    for (const type of types) known.add(type);
  }
}

/** Object types that something of this type can turn out to be. */
export const possibleTypes = (schema: GraphQLSchema, type: GraphQLNamedType): ReadonlySet<string> =>
  new Set(isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name]);

/** Selections of a document. @param fragmentOf what a spread stands for */
export const selectedIn = (
  selections: readonly SelectionNode[] | undefined,
  fragmentOf: (name: string) => FragmentDefinitionNode | undefined,
): readonly Selected[] =>
  (selections ?? []).flatMap((each): Selected[] => {
    if (each.kind === 'Field') {
      const { name, alias, selectionSet } = each;
      const below = () => selectedIn(selectionSet?.selections, fragmentOf);
      return [{ kind: 'Field', name: name.value, key: alias?.value ?? name.value, below }];
    }
    const fragment = each.kind === 'InlineFragment' ? each : fragmentOf(each.name.value);
    if (!fragment) return [];
    const below = () => selectedIn(fragment.selectionSet.selections, fragmentOf);
    return [{ kind: 'Fragment', on: fragment.typeCondition?.name.value, below }];
  });

/** Returns the selections that a fetch requires. */
export const selectedBy = (requires: readonly QueryPlanSelectionNode[] | undefined): readonly Selected[] =>
  (requires ?? []).map((each): Selected => {
    const below = () => selectedBy(each.selections);
    return each.kind === 'Field'
      ? { kind: 'Field', name: each.name, key: each.alias ?? each.name, below }
      : { kind: 'Fragment', on: each.typeCondition, below };
  });
