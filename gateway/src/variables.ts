import { type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql';

/** The client's variables with their defaults filled in; none where one does not fit, and so nothing will be run. */
export const coercedVariables = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => getVariableValues(schema, variableDefinitions, given).coerced ?? {};
