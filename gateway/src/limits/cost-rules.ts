import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
} from 'graphql';
import { z } from 'zod';
import { argumentsOf, linkedName } from '../supergraph/linked-directives.ts';

/** @listSize of the IBM cost specification, as Apollo Federation 2.9 has it. */
const listSize = z.object({
  assumedSize: z.number().nullish(),
  slicingArguments: z.array(z.string()).nullish(),
  sizedFields: z.array(z.string()).nullish(),
});
export type ListSize = z.output<typeof listSize>;

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
  const names = {
    cost: linkedName(supergraph, specification, 'cost'),
    listSize: linkedName(supergraph, specification, 'listSize'),
  };
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();

  const weigh = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    const directive = directives?.find(({ name }) => name.value === names.cost);
    const weight = directive && z.number().safeParse(argumentsOf(directive).weight);
    if (weight?.success) weights.set(coordinate, weight.data);
  };
  const inputs = (coordinate: (name: string) => string, nodes: readonly InputValueDefinitionNode[] = []) => {
    for (const { name, directives } of nodes) weigh(coordinate(name.value), directives);
  };
  const field = (type: string, { name, directives, arguments: args }: FieldDefinitionNode) => {
    const coordinate = `${type}.${name.value}`;
    weigh(coordinate, directives);
    inputs((argument) => `${coordinate}(${argument}:)`, args);
    const sized = directives?.find((directive) => directive.name.value === names.listSize);
    if (sized) listSizes.set(coordinate, listSize.parse(argumentsOf(sized)));
  };

  for (const definition of supergraph.definitions) {
    if (!('name' in definition) || definition.name === undefined) continue;
    const type = definition.name.value;
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION && 'directives' in definition)
      weigh(type, definition.directives as readonly ConstDirectiveNode[] | undefined);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const node of definition.fields ?? []) field(type, node);
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      inputs((name) => `${type}.${name}`, definition.fields);
  }
  inheritFromInterfaces(supergraph, weights);
  inheritFromInterfaces(supergraph, listSizes);
  return { weights, listSizes };
};

/**
 * Gives a field of an object type, and its arguments, what only an interface of the type says of them: a field costs the
 * same through the interface as on the object.
 */
const inheritFromInterfaces = <T>(supergraph: DocumentNode, rules: Map<string, T>): void => {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const { name: type, interfaces = [], fields = [] } = definition;
    for (const { name, arguments: given = [] } of fields) {
      const places = ['', ...given.map((argument) => `(${argument.name.value}:)`)];
      for (const place of places.map((each) => `.${name.value}${each}`)) {
        if (rules.has(type.value + place)) continue;
        const from = interfaces.find((each) => rules.has(each.name.value + place));
        const rule = from && rules.get(from.name.value + place);
        if (rule !== undefined) rules.set(type.value + place, rule);
      }
    }
  }
};
