import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from 'graphql';

const text = ['e', 'L', 'Notes'];
const ids: Readonly<Record<string, readonly string[]>> = {
  product: ['p1', 'p2', 'p3', 'p9'],
  media: ['m1', 'm3', 'm9'],
  user: ['u1', 'u3', 'u9'],
};

const values = (field: string, type: GraphQLNamedType): fc.Arbitrary<string> => {
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (type.name === 'Boolean') return fc.constantFrom('true', 'false');
  if (type.name === 'Int') return fc.integer({ min: 0, max: 3 }).map(String);
  const known = type.name === 'ID' ? (ids[field] ?? ['x']) : text;
  return fc.constantFrom(...known).map((value) => JSON.stringify(value));
};

const args = (field: GraphQLField<unknown, unknown>): fc.Arbitrary<string> => {
  const each = field.args.map((arg) => {
    const given = values(field.name, getNamedType(arg.type)).map((value) => `${arg.name}: ${value}`);
    return String(arg.type).endsWith('!') ? given : fc.option(given, { nil: '' });
  });
  return fc.tuple(...each).map((all) => {
    const given = all.filter((one) => one !== '');
    return given.length > 0 ? `(${given.join(', ')})` : '';
  });
};

/** Selections of any type of the schema: fields with and without arguments and aliases, fragments on what it may be. */
export const queries = (schema: GraphQLSchema): fc.Arbitrary<string> => {
  const field = (parent: GraphQLNamedType, depth: number): fc.Arbitrary<string> => {
    const all = isObjectType(parent) || isInterfaceType(parent) ? Object.values(parent.getFields()) : [];
    const fit = all.filter(({ type }) => depth > 0 || !isCompositeType(getNamedType(type)));
    if (fit.length === 0) return fc.constant('__typename');
    return fc.constantFrom(...fit).chain((one) => {
      const inner = getNamedType(one.type);
      const below = isCompositeType(inner) ? selection(inner, depth - 1) : fc.constant('');
      const alias = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: '' });
      return fc
        .tuple(alias, args(one), below)
        .map(
          ([as, given, sub]) =>
            `${as === '' ? '' : `${as}: `}${one.name}${given}${sub === '' ? '' : ` ${sub}`}`,
        );
    });
  };
  const fragment = (parent: GraphQLNamedType, depth: number): fc.Arbitrary<string> => {
    const may =
      isUnionType(parent) || isInterfaceType(parent) ? [...schema.getPossibleTypes(parent)] : [parent];
    const on = isInterfaceType(parent) ? [parent, ...may] : may;
    return fc
      .constantFrom(...on)
      .chain((type) => selection(type, depth).map((sub) => `... on ${type.name} ${sub}`));
  };
  const selection = (parent: GraphQLNamedType, depth: number): fc.Arbitrary<string> => {
    const part = isUnionType(parent)
      ? fc.oneof(fc.constant('__typename'), fragment(parent, depth))
      : fc.oneof(
          { weight: 6, arbitrary: field(parent, depth) },
          { weight: 1, arbitrary: depth > 0 ? fragment(parent, depth - 1) : fc.constant('__typename') },
        );
    return fc
      .array(part, { minLength: 1, maxLength: 4, size: 'max' })
      .map((parts) => `{ ${parts.join(' ')} }`);
  };
  const root = schema.getQueryType();
  if (!root) throw new Error('the schema has no queries');
  // Two selections under one name must be the same field with the same arguments: those that aren't are no queries.
  return selection(root, 3).filter((query) => validate(schema, parse(query)).length === 0);
};
