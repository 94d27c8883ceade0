import { argumentsOf, linkedName } from '@rookery/federation-executor';
import { listSizeArguments } from '@rookery/schema/limit-directives';
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
} from 'graphql';
import { z } from 'zod';

export type ListSize = z.output<typeof listSizeArguments>;

/** Cost directives of a supergraph. Coordinates are `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export interface CostRules {
  readonly weights: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
}

const specification = 'https://specs.apollo.dev/cost/';

/**
 * Reads @cost and @listSize out of a composed supergraph, under whatever names it links them.
 * @param supergraph its parsed SDL
 */
export const readCostRules = (supergraph: DocumentNode): CostRules => {
  const reader = new CostRuleReader(supergraph);
  for (const definition of supergraph.definitions) reader.read(definition);
  inheritFromInterfaces(supergraph, reader.weights);
  inheritFromInterfaces(supergraph, reader.listSizes);
  return reader;
};

class CostRuleReader implements CostRules {
  readonly weights = new Map<string, number>();
  readonly listSizes = new Map<string, ListSize>();
  readonly #names: { readonly cost: string | undefined; readonly listSize: string | undefined };

  constructor(supergraph: DocumentNode) {
    this.#names = {
      cost: linkedName(supergraph, specification, 'cost'),
      listSize: linkedName(supergraph, specification, 'listSize'),
    };
  }

  read(definition: DefinitionNode): void {
    if (!('name' in definition) || definition.name === undefined) return;
    const type = definition.name.value;
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION && 'directives' in definition)
      this.#weigh(type, definition.directives as readonly ConstDirectiveNode[] | undefined);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const field of definition.fields ?? []) this.#readField(type, field);
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      this.#readInputs((name) => `${type}.${name}`, definition.fields);
  }

  #readField(type: string, { name, directives, arguments: args }: FieldDefinitionNode): void {
    const coordinate = `${type}.${name.value}`;
    this.#weigh(coordinate, directives);
    this.#readInputs((argument) => `${coordinate}(${argument}:)`, args);
    const sized = directives?.find((directive) => directive.name.value === this.#names.listSize);
    if (sized) this.listSizes.set(coordinate, listSizeArguments.parse(argumentsOf(sized)));
  }

  #readInputs(coordinate: (name: string) => string, nodes: readonly InputValueDefinitionNode[] = []): void {
    for (const { name, directives } of nodes) this.#weigh(coordinate(name.value), directives);
  }

  #weigh(coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void {
    const directive = directives?.find(({ name }) => name.value === this.#names.cost);
    const weight = directive && z.number().safeParse(argumentsOf(directive).weight);
    if (weight?.success) this.weights.set(coordinate, weight.data);
  }
}

/**
 * Gives a field of an object type, and its arguments, what only an interface of the type says of them: a field costs the
 * same through the interface as on the object.
 */
const inheritFromInterfaces = <T>(supergraph: DocumentNode, rules: Map<string, T>): void => {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const { name: type, interfaces = [] } = definition;
    for (const place of placesIn(definition)) {
      if (rules.has(type.value + place)) continue;
      const from = interfaces.find((each) => rules.has(each.name.value + place));
      const rule = from && rules.get(from.name.value + place);
      if (rule !== undefined) rules.set(type.value + place, rule);
    }
  }
};

/** Returns the coordinates of all fields and their arguments, without the type's name. */
const placesIn = ({ fields = [] }: ObjectTypeDefinitionNode): string[] =>
  fields.flatMap(({ name, arguments: given = [] }) => [
    `.${name.value}`,
    ...given.map((argument) => `.${name.value}(${argument.name.value}:)`),
  ]);
