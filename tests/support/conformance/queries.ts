import fc from 'fast-check';
import {
  doTypesOverlap,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { mended } from './mended.ts';
import { type Part, render, type Value } from './render.ts';

/** An operation with its variables. */
export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const text = ['e', 'L', 'Notes'];
const ids: Readonly<Record<string, readonly string[]>> = {
  product: ['p1', 'p2', 'p3', 'p9'],
  media: ['m1', 'm3', 'm9'],
  user: ['u1', 'u3', 'u9'],
};

/**
 * Names that a planner could confuse: of fields, of keys, of the language, of the planner and of the gateway
 * itself.
 */
const aliases = [
  ...[
    'a',
    'b',
    'c',
    'id',
    'upc',
    'sku',
    'vendor',
    'code',
    'name',
    'title',
    'weight',
    'price',
    'stock',
    'dims',
  ],
  ...['width', 'rating', 'reviews', 'text', 'heavy', 'author', 'about', 'product'],
  ...['__typename', '__proto__', 'constructor', 'toString', '_entities', '_0_id', '_required0_weight'],
  ...['representations', 'id__alias_0', 'gatewayCursor', 'rookery_type'],
];
const variableNames = ['v', 'id', 'representations', 'gatewayAfter', 'w'];

const literal = (field: string, type: GraphQLNamedType): fc.Arbitrary<unknown> => {
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (type.name === 'Boolean') return fc.boolean();
  if (type.name === 'Int') return fc.integer({ min: 0, max: 3 });
  return fc.constantFrom(...(type.name === 'ID' ? (ids[field] ?? ['x']) : text));
};

/**
 * A literal, or a variable that is given, null, absent, or left to a default. A variable with a default may
 * be null in a position that forbids null; the gateway refuses this in an argument as a whole, while the
 * monolith reports an error of the field.
 */
const value = (field: string, type: GraphQLInputType, isCondition = false): fc.Arbitrary<Value> => {
  const named = getNamedType(type);
  const literals = literal(field, named);
  const isEnum = isEnumType(named);
  const must = isNonNullType(type);
  const maybe = fc.option(literals, { freq: 4 });
  const fallback = fc.option(literals, { nil: undefined });
  return fc.oneof(
    { weight: 3, arbitrary: literals.map((each): Value => ({ isEnum, literal: each })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...variableNames), literals, maybe, fallback, fc.boolean())
        .map(([name, one, oneOrNull, standard, leftOut]): Value => {
          const variable = { isEnum, variable: name, standard };
          if (must && standard === undefined) return { ...variable, type: `${named.name}!`, given: one };
          if (must && !isCondition)
            return { ...variable, type: `${named.name}!`, ...(leftOut ? {} : { given: one }) };
          return { ...variable, type: named.name, ...(leftOut ? {} : { given: oneOrNull }) };
        }),
    },
  );
};

const directives = (schema: GraphQLSchema): fc.Arbitrary<Part['directives']> => {
  const condition = schema.getDirective('skip')?.args[0]?.type;
  if (!condition) throw new Error('there is no @skip');
  const one = fc.tuple(fc.constantFrom('skip', 'include'), value('', condition, true));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(one, { minLength: 1, maxLength: 2, selector: ([name]) => name }) },
  );
};

/** Remaining depth of a selection: of fields, and of nested fragments. */
interface Left {
  readonly fields: number;
  readonly fragments: number;
}

const maxFragments = 2;

/**
 * Operations of any kind on any type of the schema: fields with and without arguments, aliases and
 * directives, and inline and named fragments on all possible types.
 */
export const operations = (schema: GraphQLSchema, kind: 'query' | 'subscription'): fc.Arbitrary<Asked> => {
  const given = directives(schema);
  const composites = Object.values(schema.getTypeMap()).filter(
    (type) => isCompositeType(type) && !type.name.startsWith('__'),
  ) as GraphQLCompositeType[];
  const args = (field: GraphQLField<unknown, unknown>): fc.Arbitrary<Part['args']> =>
    fc
      .tuple(
        ...field.args.map((arg) => {
          const one = value(field.name, arg.type).map((each) => [arg.name, each] as const);
          return isNonNullType(arg.type) ? one : fc.option(one, { nil: undefined });
        }),
      )
      .map((all) => all.filter((each) => each !== undefined));
  const alias = fc.option(fc.constantFrom(...aliases), { nil: undefined, freq: 3 });
  const typename = fc
    .tuple(alias, given)
    .map(([as, conditions]): Part => ({ name: '__typename', alias: as, args: [], directives: conditions }));
  const field = (parent: GraphQLCompositeType, left: Left): fc.Arbitrary<Part> => {
    const all = isUnionType(parent) ? [] : Object.values(parent.getFields());
    const fit = all.filter(({ type }) => left.fields > 0 || !isCompositeType(getNamedType(type)));
    if (fit.length === 0) return typename;
    return fc.constantFrom(...fit).chain((one) => {
      const inner = getNamedType(one.type);
      const below = isCompositeType(inner)
        ? selection(inner, {
            fields: left.fields - 1,
            fragments: maxFragments,
          })
        : fc.constant(undefined);
      return fc.tuple(alias, args(one), given, below).map(([as, each, conditions, parts]): Part => {
        const part = { name: one.name, alias: as, args: each, directives: conditions };
        return parts === undefined ? part : { ...part, parts };
      });
    });
  };
  /** A fragment on any type that the parent may be, or that shares one with it: narrower, wider, or another one. */
  const fragment = (parent: GraphQLCompositeType, left: Left): fc.Arbitrary<Part> => {
    const fitting = composites.filter((type) => doTypesOverlap(schema, type, parent));
    const on = fc.oneof(
      fc.constantFrom(...fitting),
      fc.constantFrom(parent, ...fitting.filter((type) => isAbstractType(type))),
    );
    return fc
      .tuple(on, fc.constantFrom(true, false, false), given)
      .chain(([type, isNamed, conditions]) =>
        selection(type, { ...left, fragments: left.fragments - 1 }).map(
          (parts): Part => ({ on: type.name, isNamed, args: [], directives: conditions, parts }),
        ),
      );
  };
  const selection = (parent: GraphQLCompositeType, left: Left): fc.Arbitrary<readonly Part[]> => {
    const part = fc.oneof(
      { weight: isUnionType(parent) ? 0 : 6, arbitrary: field(parent, left) },
      { weight: 1, arbitrary: typename },
      {
        weight: left.fragments > 0 ? 3 : 0,
        arbitrary: left.fragments > 0 ? fragment(parent, left) : typename,
      },
    );
    // Fragments are small, because errors in them need depth and not breadth.
    return fc.array(part, { minLength: 1, maxLength: left.fragments < maxFragments ? 2 : 4, size: 'max' });
  };
  const root = schema.getRootType(kind as never);
  if (!root) throw new Error(`the schema has no ${kind}`);
  const whole =
    kind === 'query'
      ? selection(root, { fields: 3, fragments: maxFragments })
      : fc
          .tuple(
            alias,
            selection(schema.getType('Review') as GraphQLCompositeType, {
              fields: 2,
              fragments: maxFragments,
            }),
          )
          .map(([as, parts]) => [{ name: 'reviewed', alias: as, args: [], directives: [], parts }]);
  return whole.map((parts) => mended(schema, render(kind, parts)));
};
