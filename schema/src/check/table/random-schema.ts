import fc from 'fast-check';
import type { SubgraphSdls } from '../../compose/compose.ts';

type Scalar = 'Int' | 'String' | 'E';
type Output = Scalar | 'A' | 'B' | 'Thing' | 'U';

interface Argument {
  readonly type: Scalar | 'I';
  readonly isRequired: boolean;
}

interface Field {
  readonly type: Output;
  readonly list: boolean;
  readonly isRequired: boolean;
  readonly args: Readonly<Record<string, Argument | null>>;
}

type Fields = Readonly<Record<string, Field | null>>;

/** A schema of two subgraphs, small enough that a random change often touches a random operation. */
interface Model {
  readonly query: Fields;
  readonly a: Fields;
  readonly b: Fields;
  /** Fields of A that the second subgraph resolves. */
  readonly more: Fields;
  readonly values: readonly string[];
  readonly input: Readonly<Record<string, Argument | null>>;
  readonly members: readonly string[];
  readonly implementing: readonly string[];
}

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { freq: 4 });
const argument = (types: readonly Argument['type'][]): fc.Arbitrary<Argument> =>
  fc.record({
    type: fc.constantFrom(...types),
    isRequired: fc.boolean(),
  });
const field = (types: readonly Output[]): fc.Arbitrary<Field> =>
  fc.record({
    type: fc.constantFrom(...types),
    list: fc.boolean(),
    isRequired: fc.boolean(),
    args: fc.record({ x: maybe(argument(['Int', 'E', 'I'])), y: maybe(argument(['String', 'E'])) }),
  });
const fields = (names: readonly string[], types: readonly Output[]): fc.Arbitrary<Fields> =>
  fc.record(Object.fromEntries(names.map((name) => [name, maybe(field(types))])));

const outputs: readonly Output[] = ['Int', 'String', 'E', 'A', 'B', 'Thing', 'U'];
const model: fc.Arbitrary<Model> = fc.record({
  query: fields(['p', 'q', 'r'], outputs),
  a: fields(['f', 'g', 'h'], outputs),
  b: fields(['f', 'g'], outputs),
  more: fields(['m', 'n'], ['Int', 'String', 'A']),
  values: fc.subarray(['X', 'Y', 'Z'], { minLength: 1 }),
  input: fc.record({
    i: maybe(argument(['Int', 'String'])),
    j: maybe(argument(['E', 'Int'])),
  }),
  members: fc.subarray(['A', 'B'], { minLength: 1 }),
  implementing: fc.subarray(['A', 'B'], { minLength: 1 }),
});

/** Takes each part of a record from one of two, by a list of choices. */
const mixed = <T extends object>(base: T, other: T, takes: () => boolean): T =>
  Object.fromEntries(
    Object.entries(base).map(([key, value]) => {
      const second = other[key as keyof T] as unknown;
      const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (isNested && second !== null && typeof second === 'object' && !('type' in value))
        return [key, mixed(value, second, takes)];
      return [key, takes() ? second : value];
    }),
  ) as T;

const typeText = (type: string, isRequired: boolean, list = false): string =>
  `${list ? `[${type}]` : type}${isRequired ? '!' : ''}`;

const argsText = (args: Field['args']): string => {
  const given = Object.entries(args).flatMap(([name, arg]) =>
    arg === null ? [] : [`${name}: ${typeText(arg.type, arg.isRequired)}`],
  );
  return given.length === 0 ? '' : `(${given.join(', ')})`;
};

const fieldsText = (all: Fields): string =>
  Object.entries(all)
    .flatMap(([name, one]) =>
      one === null ? [] : [`  ${name}${argsText(one.args)}: ${typeText(one.type, one.isRequired, one.list)}`],
    )
    .join('\n');

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

const sdlsOf = ({ query, a, b, more, values, input, members, implementing }: Model): SubgraphSdls => {
  const implement = (name: string) => (implementing.includes(name) ? ' implements Thing' : '');
  const inputs = Object.entries(input).flatMap(([name, arg]) =>
    arg === null ? [] : [`  ${name}: ${typeText(arg.type, arg.isRequired)}`],
  );
  return {
    one: `${link}
type Query {
  anA: A
  aB: B
  aThing: Thing
  aU: U
${fieldsText(query)}
}
interface Thing { t: Int }
type A${implement('A')} @key(fields: "id") {
  id: ID!
  t: Int
${fieldsText(a)}
}
type B${implement('B')} {
  t: Int
${fieldsText(b)}
}
union U = ${members.join(' | ')}
enum E { ${values.join(' ')} }
input I {
  k: Int
${inputs.join('\n')}
}
`,
    two: `${link}
type A @key(fields: "id") {
  id: ID!
  o: Int
${fieldsText(more).replaceAll(/\((?:[^)]*\b[IE]\b[^)]*)\)/g, '')}
}
`,
  };
};

/** Two schemas that differ in a few places. */
export const schemaPairs: fc.Arbitrary<readonly [base: SubgraphSdls, head: SubgraphSdls]> = fc
  .tuple(model, model, fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([base, other, dice]) => [
    sdlsOf(base),
    sdlsOf(mixed(base, other, () => (dice.next().value ?? 0) < 1)),
  ]);
