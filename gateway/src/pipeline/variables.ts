import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { withCode } from './invalid-request.ts';

type Values = Readonly<Record<string, unknown>>;

/** The client's variables with defaults filled in, or why they do not fit. */
export type CoercedVariables =
  | { readonly values: Values; readonly errors: undefined }
  | { readonly values: undefined; readonly errors: readonly GraphQLError[] };

const none: CoercedVariables = { values: {}, errors: undefined };

export const coerceVariables = (
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Values,
): CoercedVariables => {
  if (variableDefinitions.length === 0) return none;
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, given);
  return coerced === undefined
    ? { values: undefined, errors: (errors ?? []).map((error) => withCode(error, 'BAD_USER_INPUT')) }
    : { values: coerced, errors: undefined };
};
