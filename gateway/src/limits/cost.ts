import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { CostRules } from './cost-rules.ts';
import type { OperationLimits } from './limits.ts';

export interface CostModel {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  readonly limits: Pick<OperationLimits, 'listSize' | 'pageSize'>;
}

type Variables = Readonly<Record<string, unknown>>;

/** How long the lists are which the field above has sized (@listSize, sizedFields). */
type Sized = ReadonlyMap<string, number>;
const unsized: Sized = new Map();

/** A mutation changes something, whatever else it answers. */
const rootCosts = { query: 0, mutation: 10, subscription: 0 } as const;

/**
 * What an operation costs at most, before it is run: the static analysis of IBM's GraphQL Cost Directives
 * specification with Apollo's defaults. An object costs 1 and a leaf 0, or what @cost says of the field or its
 * type; arguments that are given cost what @cost says of them; a mutation costs 10; a list costs its items. How
 * many items there are, @listSize says, else the field's `first`, else the limit for lists without a size. What
 * @skip and @include leave out costs nothing. Takes a valid document.
 */
export const operationCost = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  model: CostModel,
): number => {
  const root = model.schema.getRootType(operation.operation);
  if (!root) return 0;
  const cost = new OperationCost(document, withDefaults(operation, variables), model);
  return rootCosts[operation.operation] + cost.selections(operation.selectionSet, root, unsized);
};

const withDefaults = (
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Variables,
): Variables => ({
  ...Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  ),
  ...given,
});

class OperationCost {
  readonly #model: CostModel;
  readonly #variables: Variables;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #known = new Map<string, number>();

  constructor(document: DocumentNode, variables: Variables, model: CostModel) {
    this.#model = model;
    this.#variables = variables;
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
  }

  selections({ selections }: SelectionSetNode, type: GraphQLNamedType, sized: Sized): number {
    let sum = 0;
    for (const selection of selections) {
      if (this.#leftOut(selection.directives)) continue;
      if (selection.kind === Kind.FIELD) sum += this.#field(selection, type, sized);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += this.#fragment(selection.name.value, sized);
      else {
        const condition = selection.typeCondition?.name.value;
        sum += this.selections(selection.selectionSet, this.#type(condition) ?? type, sized);
      }
    }
    return sum;
  }

  /** Once for each way in which it can be sized, however often it is spread. */
  #fragment(name: string, sized: Sized): number {
    const key = sized.size === 0 ? name : `${name} ${JSON.stringify([...sized])}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = this.#type(fragment?.typeCondition.name.value);
    const cost = fragment && type ? this.selections(fragment.selectionSet, type, sized) : 0;
    this.#known.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLNamedType, sized: Sized): number {
    const field = 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
    // __typename and introspection; anything else has not passed validation.
    if (field === undefined || 'defaultValue' in field || !('args' in field)) return 0;
    const { rules, limits } = this.#model;
    const coordinate = `${parent.name}.${field.name}`;
    const rule = rules.listSizes.get(coordinate);
    const asked = this.#asked(field, node.arguments, rule?.slicingArguments ?? ['first']);
    const length = asked ?? rule?.assumedSize ?? undefined;
    const sizes = new Map((rule?.sizedFields ?? []).map((name) => [name, length ?? limits.listSize]));
    const items = isList(field.type) ? (sized.get(field.name) ?? length ?? limits.listSize) : 1;
    const type = getNamedType(field.type);
    const inside = node.selectionSet ? this.selections(node.selectionSet, type, sizes) : 0;
    const weight = rules.weights.get(coordinate) ?? this.#weight(type);
    return items * (weight + inside) + this.#arguments(coordinate, node.arguments);
  }

  /** By name, or the heaviest that it can turn out to be. */
  #weight(type: GraphQLNamedType): number {
    const own = this.#model.rules.weights.get(type.name);
    if (own !== undefined) return own;
    if (!isCompositeType(type)) return 0;
    if (!isAbstractType(type)) return 1;
    return Math.max(1, ...this.#model.schema.getPossibleTypes(type).map((each) => this.#weight(each)));
  }

  #arguments(coordinate: string, given: readonly ArgumentNode[] = []): number {
    if (this.#model.rules.weights.size === 0) return 0;
    return given.reduce(
      (sum, { name }) => sum + (this.#model.rules.weights.get(`${coordinate}(${name.value}:)`) ?? 0),
      0,
    );
  }

  /** How many items the slicing arguments ask for; a page holds no more than it can, whatever they say. */
  #asked(
    field: GraphQLField<unknown, unknown>,
    given: readonly ArgumentNode[] = [],
    slicing: readonly string[],
  ): number | undefined {
    const sizes = field.args
      .filter(({ name }) => slicing.includes(name))
      .map((argument) => this.#value(argument, given))
      .filter((value): value is number => typeof value === 'number' && value >= 0);
    return sizes.length === 0 ? undefined : Math.min(Math.max(...sizes), this.#model.limits.pageSize);
  }

  #value(argument: GraphQLArgument, given: readonly ArgumentNode[]): unknown {
    const node = given.find(({ name }) => name.value === argument.name)?.value;
    if (node === undefined) return argument.defaultValue;
    return valueFromASTUntyped(node, this.#variables) ?? argument.defaultValue;
  }

  #leftOut(directives: readonly DirectiveNode[] = []): boolean {
    return directives.some(({ name, arguments: [condition] = [] }) => {
      if (condition === undefined || (name.value !== 'skip' && name.value !== 'include')) return false;
      return valueFromASTUntyped(condition.value, this.#variables) === (name.value === 'skip');
    });
  }

  #type(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.#model.schema.getType(name);
  }
}

const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);
