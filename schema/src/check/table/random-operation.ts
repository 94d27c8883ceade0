import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

type Random = () => number;

/** Returns a generator of numbers from 0 to 1 (mulberry32). */
const createRandom = (seed: number): Random => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #variables: string[] = [];

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
  }

  operation(): string {
    const root = this.#schema.getQueryType();
    const selection = root ? this.#selection(root, 3) : '{ __typename }';
    const variables = this.#variables.length === 0 ? '' : `(${this.#variables.join(', ')})`;
    return `query Random${variables} ${selection}`;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }

  #literal(type: GraphQLInputType): string {
    const nullable = getNullableType(type);
    if (isListType(nullable)) return `[${this.#literal(nullable.ofType)}]`;
    if (isEnumType(nullable)) return this.#pick(nullable.getValues())?.name ?? 'null';
    if (isInputObjectType(nullable)) {
      const given = Object.values(nullable.getFields()).filter(
        (field) => isRequiredInputField(field) || this.#random() < 0.5,
      );
      return `{ ${given.map(({ name, type: of }) => `${name}: ${this.#literal(of)}`).join(', ')} }`;
    }
    return getNamedType(type).name === 'Int' ? '1' : '"x"';
  }

  #argument({ name, type }: GraphQLArgument): string {
    if (this.#random() < 0.5) return `${name}: ${this.#literal(type)}`;
    const variable = `v${this.#variables.length}`;
    this.#variables.push(`$${variable}: ${type}`);
    return `${name}: $${variable}`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args
      .filter((arg) => isRequiredArgument(arg) || this.#random() < 0.4)
      .map((arg) => this.#argument(arg));
    const type = getNamedType(field.type);
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth - 1)}` : '';
    // One name for different fields: their types must agree.
    const alias = this.#random() < 0.2 ? 'same: ' : '';
    return `${alias}${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${selection}`;
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    if (depth <= 0) return '{ __typename }';
    const fields = 'getFields' in type && !isInputObjectType(type) ? Object.values(type.getFields()) : [];
    const chosen = fields.filter(() => this.#random() < 0.5).map((field) => this.#field(field, depth));
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    const fragments = possible
      .filter((one) => isObjectType(one) && this.#random() < 0.6)
      .map((one) => `... on ${one.name} ${this.#selection(one, depth)}`);
    return `{ __typename ${[...chosen, ...fragments].join(' ')} }`;
  }
}

/** Returns a random query, which mostly validates. */
export const randomOperation = (schema: GraphQLSchema, seed: number): string =>
  new Writer(schema, createRandom(seed)).operation();
