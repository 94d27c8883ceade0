import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isRecord } from '../pipeline/is-record.ts';
import type { CostRules, ListSize } from './cost-rules.ts';
import type { OperationLimits } from './limits.ts';
import { type MergedField, MergedFields } from './merged-fields.ts';

export interface CostModel {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  readonly limits: Pick<OperationLimits, 'listSize' | 'pageSize'>;
}

type Values = Readonly<Record<string, unknown>>;

/** Lengths of lists that a parent field determines (@listSize, sizedFields). */
type Sized = ReadonlyMap<string, number>;
const unsized: Sized = new Map();

/** A mutation changes something, whatever else it answers. */
const rootCosts = { query: 0, mutation: 10, subscription: 0 } as const;

/**
 * Returns the maximum cost of an operation before its execution: the static analysis of IBM's GraphQL Cost
 * Directives specification with the defaults of Apollo, as one number.
 *
 * A field costs its weight and those of its arguments and their input fields, once and never less than 0.
 * Each resulting object or leaf costs the weight of its type (objects 1, leaves 0) and its selections; if
 * several object types are possible, the most expensive counts. The length of a list is given by @listSize,
 * otherwise by `first`, otherwise by the limit for lists of unknown size. Selections that @skip or @include
 * exclude cost nothing.
 *
 * @param document must be valid
 * @param variables coerced
 * @throws RookeryError BAD_USER_INPUT if the arguments of a field are invalid
 */
export const operationCost = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Values,
  model: CostModel,
): number => {
  const root = model.schema.getRootType(operation.operation);
  if (!root) return 0;
  const cost = new OperationCost(new MergedFields({ schema: model.schema, document, variables }), model);
  return rootCosts[operation.operation] + cost.selections([operation.selectionSet], root, unsized);
};

class OperationCost {
  readonly #fields: MergedFields;
  readonly #model: CostModel;
  readonly #known = new Map<string, number>();

  constructor(fields: MergedFields, model: CostModel) {
    this.#fields = fields;
    this.#model = model;
  }

  /** Once for each type and each way in which it can be sized, however often it is spread. */
  selections(sets: readonly SelectionSetNode[], type: GraphQLObjectType, sized: Sized): number {
    const sizes = sized.size === 0 ? '' : JSON.stringify([...sized]);
    const key = `${this.#fields.key(sets)} ${type.name} ${sizes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let sum = 0;
    for (const field of this.#fields.of(sets, type)) sum += this.#field(field, type, sized);
    this.#known.set(key, sum);
    return sum;
  }

  #field(field: MergedField, parent: GraphQLObjectType, sized: Sized): number {
    const { definition, inside } = field;
    const { rules, limits } = this.#model;
    const coordinate = `${parent.name}.${definition.name}`;
    const values = this.#fields.argumentsOf(field);
    const rule = rules.listSizes.get(coordinate);
    const length = this.#asked(field, values, rule) ?? rule?.assumedSize ?? undefined;
    const sizes = new Map((rule?.sizedFields ?? []).map((name) => [name, length ?? limits.listSize]));
    const items = isList(definition.type) ? (sized.get(definition.name) ?? length ?? limits.listSize) : 1;
    const own = (rules.weights.get(coordinate) ?? 0) + this.#arguments(field, coordinate, values);
    return Math.max(0, own) + items * this.#value(getNamedType(definition.type), inside, sizes);
  }

  /** One item of what a field brings, or the most expensive that it can be. */
  #value(type: GraphQLNamedType, inside: readonly SelectionSetNode[], sized: Sized): number {
    if (isLeafType(type)) return this.#weight(type, 0);
    let most = 0;
    for (const each of this.#fields.possibleTypes(type))
      most = Math.max(most, this.#weight(each, 1) + this.selections(inside, each, sized));
    return most;
  }

  /** A negative weight makes its own type free, and nothing else cheaper. */
  #weight({ name }: GraphQLNamedType, otherwise: number): number {
    return Math.max(0, this.#model.rules.weights.get(name) ?? otherwise);
  }

  #arguments({ definition }: MergedField, coordinate: string, values: Values): number {
    if (this.#model.rules.weights.size === 0) return 0;
    let sum = 0;
    for (const { name, type } of definition.args)
      sum += this.#input(values[name], type, `${coordinate}(${name}:)`);
    return sum;
  }

  /** An argument or an input field, with what is in it. One that is null asks for nothing. */
  #input(value: unknown, type: GraphQLInputType, coordinate: string): number {
    if (value === undefined || value === null) return 0;
    const { weights } = this.#model.rules;
    const own = weights.get(coordinate);
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return own ?? weights.get(named.name) ?? 0;
    return (own ?? 0) + this.#inputObjects(value, type);
  }

  #inputObjects(value: unknown, type: GraphQLInputType): number {
    const nullable = getNullableType(type);
    if (isListType(nullable) && Array.isArray(value))
      return value.reduce<number>((sum, item) => sum + this.#inputObjects(item, nullable.ofType), 0);
    if (!isInputObjectType(nullable) || !isRecord(value)) return 0;
    let sum = 0;
    for (const field of Object.values(nullable.getFields()))
      sum += this.#input(value[field.name], field.type, `${nullable.name}.${field.name}`);
    return sum;
  }

  /** Returns the number of items that the slicing arguments request, bounded by the maximum of a page. */
  #asked({ definition }: MergedField, values: Values, rule: ListSize | undefined): number | undefined {
    const slicing = rule?.slicingArguments ?? ['first'];
    const sizes = definition.args
      .filter(({ name }) => slicing.includes(name))
      .map(({ name, defaultValue }) => values[name] ?? defaultValue)
      .filter((value): value is number => typeof value === 'number' && value >= 0);
    return sizes.length === 0 ? undefined : Math.min(Math.max(...sizes), this.#model.limits.pageSize);
  }
}

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));
