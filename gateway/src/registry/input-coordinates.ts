import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  type OperationDefinitionNode,
  type TypeNode,
  typeFromAST,
} from 'graphql';

type InputsType = GraphQLInputObjectType | GraphQLEnumType;

/** Variables of an operation whose values name input fields or enum values, with their types. */
export type InputVariables = readonly (readonly [name: string, type: InputsType])[];

export const inputVariablesOf = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): InputVariables =>
  variableDefinitions.flatMap(({ variable, type: node }) => {
    // The overloads of typeFromAST have none for a type of any kind.
    const type = getNamedType(typeFromAST(schema, node as TypeNode & { kind: never }));
    return isInputObjectType(type) || isEnumType(type) ? [[variable.name.value, type] as const] : [];
  });

/** Adds the coordinates that a value names, such as `Filter.text` and `Color.RED`, and nothing else of it. */
const addCoordinates = (type: InputsType, value: unknown, found: Set<string>): void => {
  if (Array.isArray(value)) for (const item of value) addCoordinates(type, item, found);
  else if (isInputObjectType(type)) addFields(type, value, found);
  else if (typeof value === 'string' && type.getValue(value)) found.add(`${type.name}.${value}`);
};

const addFields = (type: GraphQLInputObjectType, value: unknown, found: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  const fields = type.getFields();
  for (const [name, inner] of Object.entries(value)) {
    if (!Object.hasOwn(fields, name)) continue;
    found.add(`${type.name}.${name}`);
    const innerType = getNamedType(fields[name]?.type);
    if (isInputObjectType(innerType) || isEnumType(innerType)) addCoordinates(innerType, inner, found);
  }
};

/** Returns the coordinates of the input fields and enum values in these variables. */
export const inputCoordinates = (
  inputs: InputVariables,
  variables: Readonly<Record<string, unknown>> = {},
): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const [name, type] of inputs)
    if (Object.hasOwn(variables, name)) addCoordinates(type, variables[name], found);
  return found;
};
