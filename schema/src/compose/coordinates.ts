import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

const input = ({ name, type, defaultValue }: GraphQLArgument | GraphQLInputField): string =>
  `${name}: ${type}${defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`}`;

const linesOf = (type: GraphQLNamedType): string[] => {
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields()).map((field) => {
      const args = field.args.map(input).sort().join(', ');
      return `${type.name}.${field.name}${args && `(${args})`}: ${field.type}`;
    });
    return [...fields, ...type.getInterfaces().map(({ name }) => `${type.name} implements ${name}`)];
  }
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((f) => `input ${type.name}.${input(f)}`);
  if (isEnumType(type)) return type.getValues().map((v) => `enum ${type.name}.${v.name}`);
  if (isUnionType(type)) return type.getTypes().map((t) => `union ${type.name} includes ${t.name}`);
  return [
    `scalar ${type.name}${isScalarType(type) && type.specifiedByURL ? ` by ${type.specifiedByURL}` : ''}`,
  ];
};

/**
 * Returns a schema as a sorted list of lines, one for each field, implemented interface, input field, enum value and
 * scalar, with arguments, defaults and nullability but without descriptions. Two schemas with equal lists are the same for
 * clients.
 */
export const coordinates = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap(linesOf)
    .sort();
