import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

const cell = (description: string | null | undefined): string =>
  (description ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();

const argument = ({ name, type }: GraphQLArgument): string => `${name}: ${type}`;

const signature = ({ name, args, type }: GraphQLField<unknown, unknown>): string =>
  `\`${name}${args.length === 0 ? '' : `(${args.map(argument).join(', ')})`}: ${type}\``;

/** Returns a table with one row for each member. */
const table = (header: string, rows: readonly (readonly [string, string | null | undefined])[]): string =>
  [`| ${header} | |`, '|---|---|', ...rows.map(([member, about]) => `| ${member} | ${cell(about)} |`)].join(
    '\n',
  );

const kindOf = (type: GraphQLNamedType): string => {
  if (isInputObjectType(type)) return 'Input';
  if (isEnumType(type)) return 'Enum';
  if (isUnionType(type)) return 'Union';
  if (isInterfaceType(type)) return 'Interface';
  return isScalarType(type) ? 'Scalar' : 'Type';
};

const members = (type: GraphQLNamedType): string | undefined => {
  if (isObjectType(type) || isInterfaceType(type))
    return table(
      'field',
      Object.values(type.getFields()).map((field) => [signature(field), field.description]),
    );
  if (isInputObjectType(type))
    return table(
      'field',
      Object.values(type.getFields()).map(({ name, type: of, description }) => [
        `\`${name}: ${of}\``,
        description,
      ]),
    );
  if (isEnumType(type))
    return table(
      'value',
      type.getValues().map(({ name, description }) => [`\`${name}\``, description]),
    );
  if (isUnionType(type))
    return `One of ${type
      .getTypes()
      .map(({ name }) => `\`${name}\``)
      .join(', ')}.`;
  return undefined;
};

const section = (title: string, parts: readonly (string | undefined)[]): string =>
  [title, ...parts.filter((part) => part !== undefined && part !== '')].join('\n\n');

/** Returns a reference page: every field, argument and type of a schema with its description. @param origin its source */
export const schemaReference = (schema: GraphQLSchema, origin?: string): string => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type !== undefined && type !== null,
  );
  const types = Object.values(schema.getTypeMap()).filter(
    (type) =>
      !type.name.startsWith('__') &&
      !isSpecifiedScalarType(type) &&
      !roots.some(({ name }) => name === type.name),
  );
  return `${[
    '# GraphQL schema',
    ...(origin === undefined ? [] : [origin]),
    ...roots.map((type) => section(`## ${type.name}`, [members(type)])),
    '## Types',
    ...types.map((type) =>
      section(`### ${type.name}`, [`${kindOf(type)}. ${cell(type.description)}`.trim(), members(type)]),
    ),
  ].join('\n\n')}\n`;
};

/** Returns the reference page of the contract. */
export const apiReference = (contract: string): string =>
  schemaReference(
    buildSchema(contract),
    'Generated from [schema/contract.graphql](../../schema/contract.graphql) by `npm run schema:generate`. [The API](api.md) describes the rules that go with it.',
  );
