import { apiSchemaOf, composeSupergraph } from '@rookery/schema/compose';
import fc from 'fast-check';
import { getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { fieldCharges } from '../rate-limit/field-charges.ts';
import { readFieldRates } from '../rate-limit/rules.ts';
import { operationCost } from './cost.ts';
import { readCostRules } from './cost-rules.ts';

const fields = (weight: number) => `
  id: ID
  heavy(of: Int = 1 @cost(weight: 3), in: Filter): String @cost(weight: ${weight}) @rateLimit(limit: 9, window: 60, key: "of")
  rebate(by: Int = 2 @cost(weight: -4)): String
  next: Node @rateLimit(limit: 5, window: 60, key: "address")
  pages(first: Int = 3): [Node] @cost(weight: 2) @listSize(slicingArguments: ["first"])
  hits(size: Int = 2): [Hit] @listSize(slicingArguments: ["size"])`;
const supergraph = composeSupergraph({
  things: `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@cost", "@listSize"])
      @link(url: "https://rookery.invalid/rateLimit/v1.0", import: ["@rateLimit"])
      @composeDirective(name: "@rateLimit")
    directive @rateLimit(limit: Int!, window: Int!, key: String! = "viewer") repeatable on FIELD_DEFINITION
    type Query { node: Node item: Item hit: Hit }
    input Filter { deep: Int @cost(weight: 7) text: String = "t" @cost(weight: 1) more: [Filter!] }
    interface Node {
      id: ID heavy(of: Int = 1, in: Filter): String rebate(by: Int = 2): String
      next: Node @rateLimit(limit: 50, window: 60)
      pages(first: Int = 3): [Node] hits(size: Int = 2): [Hit]
    }
    type Item implements Node { ${fields(30)} }
    type Other implements Node @cost(weight: 5) { ${fields(11)} }
    union Hit = Item | Other
  `,
});
const schema = apiSchemaOf(supergraph);
const rules = readCostRules(parse(supergraph));
const rates = readFieldRates(parse(supergraph));

type Value = number | string | null | readonly Value[] | { readonly [name: string]: Value };
interface Argument {
  readonly type: string;
  readonly default?: Value;
}
const filter: Argument = { type: 'Filter' };
const inputs: Readonly<Record<string, Argument>> = {
  deep: { type: 'Int' },
  text: { type: 'String', default: 't' },
  more: { type: '[Filter!]' },
};
const int = (value: number): Argument => ({ type: 'Int', default: value });
const nodeFields: Readonly<Record<string, readonly [string | undefined, Record<string, Argument>]>> = {
  id: [undefined, {}],
  heavy: [undefined, { of: int(1), in: filter }],
  rebate: [undefined, { by: int(2) }],
  next: ['Node', {}],
  pages: ['Node', { first: int(3) }],
  hits: ['Hit', { size: int(2) }],
};

/** Meaning of a selection, independent of its form. */
interface Wanted {
  readonly field: string;
  readonly args: Readonly<Record<string, Value>>;
  readonly inside: readonly Wanted[];
  /** Type condition of an abstract type. */
  readonly on: 'Item' | 'Other' | undefined;
}

const number = fc.integer({ min: 0, max: 4 });
const filterOf = (depth: number): fc.Arbitrary<Value> => {
  const more = depth === 0 ? {} : { more: fc.array(filterOf(depth - 1), { maxLength: 2 }) };
  const all: Record<string, fc.Arbitrary<Value>> = { deep: number, text: fc.constantFrom('t', 'u'), ...more };
  return fc.record(all, { requiredKeys: [] }) as fc.Arbitrary<Value>;
};
const argumentsOf = (declared: Readonly<Record<string, Argument>>) =>
  fc.record(
    Object.fromEntries(
      Object.entries(declared).map(([name, { type }]) => [name, type === 'Int' ? number : filterOf(2)]),
    ),
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, Value>>;
const wantedOf = (depth: number): fc.Arbitrary<Wanted> =>
  fc
    .constantFrom(...Object.entries(nodeFields).filter(([, [type]]) => depth > 0 || type === undefined))
    .chain(([field, [type, declared]]) =>
      fc.record({
        field: fc.constant(field),
        args: argumentsOf(declared),
        inside: type === undefined ? fc.constant([]) : fc.array(wantedOf(depth - 1), { maxLength: 3 }),
        on: fc.constantFrom('Item' as const, 'Other' as const, undefined),
      }),
    );
const roots = fc.array(
  fc.record({
    root: fc.constantFrom('node', 'item', 'hit'),
    inside: fc.array(wantedOf(3), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);
type Roots = typeof roots extends fc.Arbitrary<infer T> ? T : never;

/** Writes down what is asked for; each free choice is made by `choose`, of which 0 is the plainest. */
class Writer {
  readonly variables: Record<string, Value> = {};
  readonly #definitions: string[] = [];
  readonly #fragments: string[] = [];
  readonly #choose: (below: number) => number;
  #serial = 0;

  constructor(choose: (below: number) => number) {
    this.#choose = choose;
  }

  query(all: Roots): string {
    const text = all.map(({ root, inside }, at) => {
      const type = { node: 'Node', item: 'Item', hit: 'Hit' }[root] ?? '';
      return this.#written(`r${at}: ${root}`, this.#selections(inside, type, `r${at}`), 'Query');
    });
    const variables = this.#definitions.length === 0 ? '' : `(${this.#definitions.join(' ')})`;
    return `query ${variables} { ${text.join(' ')} } ${this.#fragments.join(' ')}`;
  }

  #selections(all: readonly Wanted[], parent: string, path: string): string[] {
    const wanted = all.filter(({ on }) => parent !== 'Item' || on !== 'Other');
    return ['__typename'].concat(
      wanted.map(({ field, args, inside, on }, at) => {
        const [type, declared] = nodeFields[field] ?? [undefined, {}];
        const alias = `${path}_${at}`;
        const head = `${alias}: ${field}${this.#arguments(args, declared)}`;
        const below = type === undefined ? undefined : this.#selections(inside, type, alias);
        if (parent === 'Item') return this.#written(head, below, 'Item');
        if (on) return `... on ${on} { ${this.#written(head, below, on)} }`;
        const text = this.#written(head, below, 'Node');
        if (this.#choose(2) === 1) return `... on Item { ${text} } ... on Other { ${text} }`;
        // A union has no fields of its own.
        return parent === 'Hit' ? `... on Node { ${text} }` : text;
      }),
    );
  }

  /** A field as it is, in a fragment, several times, or beside one that is left out. */
  #written(head: string, below: string[] | undefined, on: string): string {
    const inside = below === undefined ? '' : ` { ${below.join(' ')} }`;
    switch (this.#choose(5)) {
      case 1:
        return `... { ${head}${inside} }`;
      case 2: {
        const name = `F${this.#serial++}`;
        this.#fragments.push(`fragment ${name} on ${on} { ${head}${inside} }`);
        return `...${name} ...${name}`;
      }
      case 3:
        return (below ?? ['', '']).map((each) => (each === '' ? head : `${head} { ${each} }`)).join(' ');
      case 4:
        return `${head} @include(if: true)${inside} not_${head} @skip(if: true)${inside}`;
      default:
        return `${head}${inside}`;
    }
  }

  #arguments(given: Readonly<Record<string, Value>>, declared: Readonly<Record<string, Argument>>): string {
    const written = this.#values(given, declared);
    return written.length === 0 ? '' : `(${written.join(' ')})`;
  }

  #values(given: Readonly<Record<string, Value>>, declared: Readonly<Record<string, Argument>>): string[] {
    return Object.entries(declared).flatMap(([name, argument]) => {
      const value = given[name] ?? argument.default;
      if (value === undefined) return [];
      if (value === argument.default && this.#choose(2) === 0) return [];
      return `${name}: ${this.#value(value, argument.type)}`;
    });
  }

  #value(value: Value, type: string): string {
    const choice = this.#choose(3);
    if (choice === 0) return this.#literal(value);
    const name = `v${this.#serial++}`;
    if (choice === 1) this.variables[name] = value;
    this.#definitions.push(choice === 1 ? `$${name}: ${type}` : `$${name}: ${type} = ${constant(value)}`);
    return `$${name}`;
  }

  #literal(value: Value): string {
    // A list of one may be written as the item.
    if (Array.isArray(value))
      return value.length === 1 && this.#choose(2) === 1
        ? this.#literal(value[0])
        : `[${value.map((item) => this.#value(item, 'Filter!')).join(' ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{ ${this.#values(value as Record<string, Value>, inputs).join(' ')} }`;
  }
}

const constant = (value: Value): string => {
  if (Array.isArray(value)) return `[${value.map(constant).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${constant(each)}`)
    .join(' ')} }`;
};

const measured = (query: string, given: Record<string, Value>) => {
  const document = parse(query);
  expect(validate(schema, document), query).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const { coerced: variables, errors } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    given,
  );
  if (!variables) throw new Error(String(errors));
  const limits = { listSize: 10, pageSize: 100 };
  const charges = fieldCharges({ document, operation, variables, schema, rates, viewer: 'a', address: 'b' });
  return {
    cost: operationCost(document, operation, variables, { schema, rules, limits }),
    buckets: new Map(charges.map(({ key, cost }) => [key, cost])),
  };
};

test('an operation costs the same, and is charged to the same buckets, however it is written', () => {
  fc.assert(
    fc.property(roots, fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 200 }), (all, choices) => {
      const plain = new Writer(() => 0);
      let at = 0;
      const other = new Writer((below) => (choices[at++ % choices.length] ?? 0) % below);
      const [a, b] = [plain.query(all), other.query(all)];
      expect(measured(b, other.variables), `${a}\n${b}`).toEqual(measured(a, plain.variables));
    }),
    { numRuns: 500 },
  );
});
