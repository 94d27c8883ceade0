import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { Introspect } from './shape.ts';

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
    if (errors?.[0]) throw errors[0];
    return Object.values(data ?? {})[0];
  };

/** That it is asked for has been decided. */
const included = (node: FieldNode): FieldNode => ({ ...node, directives: [] });
