import fc from 'fast-check';
import {
  buildSchema,
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

const objects = ['T0', 'T1', 'T2', 'T3'];
const composites = [...objects, 'I0', 'I1', 'U0', 'U1'];
const leaves = ['i: Int', 'n: Int!', 's: String', 't: String!', 'd: ID', 'l: Long', 'f: [[Float!]]', 'e: E'];

/** Schemas of object types, with interfaces and unions of any of them. A field name has one type everywhere. */
export const schemas: fc.Arbitrary<string> = fc
  .record({
    own: fc.tuple(...objects.map(() => fc.subarray([...leaves, 'a', 'b', 'c', 'm'], { minLength: 3 }))),
    members: fc.tuple(...[0, 1, 2, 3].map(() => fc.subarray(objects, { minLength: 1 }))),
    inner: fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom(...composites))),
    wraps: fc.tuple(...[0, 1, 2, 3].map(() => fc.constantFrom('$', '[$]', '[$!]', '[$!]!', '[[$]!]'))),
  })
  .map(({ own, members, inner, wraps }) => {
    const deep = ['a', 'b', 'c', 'm'].map((name, at) => [
      name,
      `${name}: ${wraps[at]?.replace('$', inner[at] ?? '')}`,
    ]);
    const fieldsOf = (at: number) =>
      own[at]?.map((each) => new Map(deep as [string, string][]).get(each) ?? each) ?? [];
    const interfaces = ['I0', 'I1'].map((name, at) => {
      const of = members[at] ?? [];
      const shared = of
        .map((each) => fieldsOf(objects.indexOf(each)))
        .reduce((all, next) => all.filter((each) => next.includes(each)));
      return { name, of, text: `interface ${name} { id: ID! ${shared.join(' ')} }` };
    });
    return [
      'scalar Long enum E { A B }',
      `type Query { ${composites.map((each) => `q${each}: ${each}`).join(' ')} qs: [U0!] ok: String }`,
      ...objects.map((name, at) => {
        const of = interfaces.filter((each) => each.of.includes(name)).map((each) => each.name);
        return `type ${name} ${of.length > 0 ? `implements ${of.join(' & ')}` : ''} { id: ID! ${fieldsOf(at).join(' ')} }`;
      }),
      ...interfaces.map(({ text }) => text),
      ...['U0', 'U1'].map((name, at) => `union ${name} = ${members[at + 2]?.join(' | ')}`),
    ].join('\n');
  });

/** Queries with fragments in fragments, on any types that fit; every object is asked for its type. */
export const queries = (schema: GraphQLSchema): fc.Arbitrary<string> => {
  const all = composites.map((name) => schema.getType(name) as GraphQLCompositeType);
  const selection = (parent: GraphQLCompositeType, depth: number, around: number): fc.Arbitrary<string> => {
    const fields = isUnionType(parent) ? [] : Object.values(parent.getFields());
    const fit = fields.filter(({ type }) => depth > 0 || isLeafType(getNamedType(type)));
    const field = (fit.length === 0 ? [] : [fc.constantFrom(...fit)]).map((each) =>
      each.chain(({ name, type }) => {
        const inner = getNamedType(type);
        return isCompositeType(inner)
          ? selection(inner, depth - 1, 2).map((set) => `${name} ${set}`)
          : fc.constant(name);
      }),
    );
    const fragment = fc
      .constantFrom(parent, ...all.filter((type) => doTypesOverlap(schema, type, parent)))
      .chain((type) => selection(type, depth, around - 1).map((set) => `... on ${type.name} ${set}`));
    const part = fc.oneof(
      ...field.map((arbitrary) => ({ weight: 2, arbitrary })),
      { weight: around > 0 ? 2 : 0, arbitrary: around > 0 ? fragment : fc.constant('__typename') },
      { weight: 1, arbitrary: fc.constant('__typename') },
    );
    return fc
      .array(part, { minLength: 1, maxLength: around < 2 ? 2 : 3, size: 'max' })
      .map((parts) => `{ __typename ${parts.join(' ')} }`);
  };
  return selection(schema.getQueryType() as GraphQLCompositeType, 2, 0);
};

const good: Readonly<Record<string, unknown>> = { Int: 7, String: 'x', ID: 'i', Long: 1, Float: 1.5, E: 'A' };
/** Values of other kinds, of which graphql-js coerces some and refuses the others. */
const bad: Readonly<Record<string, readonly unknown[]>> = {
  Int: [2 ** 31, 1.5, 'x', {}, '5', '', true, '1e3'],
  String: [{}, [], 5, 1.5, true],
  ID: [{}, true, 1.5, 5],
  Long: [],
  Float: ['x', {}, '1.5', '', false],
  E: ['C', 1, {}],
};

const missing = Symbol('missing');

/** Values for a type: good ones, and now and then null, missing, or of another kind. */
export const values = (
  schema: GraphQLSchema,
): ((type: GraphQLOutputType, depth?: number) => fc.Arbitrary<unknown>) => {
  const some = <T>(arbitrary: fc.Arbitrary<T>, others: readonly unknown[]): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 12, arbitrary }, { weight: 1, arbitrary: fc.constantFrom(null, ...others) });
  const leaf = ({ name }: GraphQLLeafType) => some(fc.constant(good[name]), bad[name] ?? []);
  const object = (name: string, depth: number): fc.Arbitrary<unknown> => {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
    const typename = fc.oneof(
      { weight: 20, arbitrary: fc.constant(name) },
      fc.constantFrom(missing, 'Nope', 5, '', 'I0', 'T0'),
    );
    return fc
      .record({
        __typename: typename,
        ...Object.fromEntries(
          fields.map((each) => [each.name, some(value(each.type, depth - 1), [missing])]),
        ),
      })
      .map((made) => Object.fromEntries(Object.entries(made).filter(([, each]) => each !== missing)));
  };
  const value = (type: GraphQLOutputType, depth = 3): fc.Arbitrary<unknown> => {
    if (isNonNullType(type)) return value(type.ofType as GraphQLOutputType, depth);
    if (isListType(type))
      return some(fc.array(value(type.ofType as GraphQLOutputType, depth), { maxLength: 2 }), [{}, 'x', 5]);
    if (isLeafType(type)) return leaf(type);
    if (depth < 0) return fc.constant(null);
    const names = (isObjectType(type) ? [type] : schema.getPossibleTypes(type)).map(({ name }) => name);
    return some(
      fc.constantFrom(...names).chain((name) => object(name, depth)),
      ['x', 5, [], {}],
    );
  };
  return value;
};

/** A schema in which graphql-js takes subgraphs' answers as strictly as the gateway. */
export const strictSchema = (sdl: string): GraphQLSchema => {
  const schema = buildSchema(sdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (value) => value.__typename;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    // A subgraph may know an object by one of its interfaces alone.
    const names = [type.name, ...type.getInterfaces().map(({ name }) => name)];
    type.isTypeOf = (value) =>
      typeof value === 'object' &&
      !Array.isArray(value) &&
      [undefined, null, '', ...names].includes(value.__typename);
    for (const field of Object.values(type.getFields()))
      field.resolve = (source: Record<string, unknown>) => {
        if (!Object.hasOwn(source, field.name)) throw new Error('missing');
        return source[field.name];
      };
  }
  return schema;
};
