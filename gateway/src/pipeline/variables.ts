import { type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';

/** The client's variables with defaults filled in; undefined if one does not fit, and so nothing will be run. */
export const coercedVariables = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> | undefined =>
  variableDefinitions.length === 0 ? {} : getVariableValues(schema, variableDefinitions, given).coerced;
