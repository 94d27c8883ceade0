import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Introspect } from './response-shaper.ts';

/** Answers what an operation asks of the schema itself: graphql-js does, subgraphs are not asked. */
export const introspection =
  (schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Introspect =>
  (nodes, variables) => {
    const query: OperationDefinitionNode = {
      ...operation,
      operation: 'query' as OperationDefinitionNode['operation'],
      directives: [],
      selectionSet: { kind: Kind.SELECTION_SET, selections: nodes.map(included) },
    };
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
    const { data, errors } = executeSync({
      schema,
      document: { kind: Kind.DOCUMENT, definitions: [query, ...fragments] },
      variableValues: variables,
    });
    return { value: Object.values(data ?? {})[0] ?? null, errors: (errors ?? []).map(refusal) };
  };

/** Introspection itself cannot fail, except for a variable that is null in a non-null position. */
const refusal = ({ message, path, nodes: [node] = [] }: GraphQLError): GraphQLError => {
  const field = node?.kind === Kind.VARIABLE ? { field: node.name.value } : {};
  return new GraphQLError(message, {
    ...(path && { path }),
    extensions: { code: 'BAD_USER_INPUT', ...field },
  });
};

/** That it is asked for has been decided. */
const included = (node: FieldNode): FieldNode => ({ ...node, directives: [] });
