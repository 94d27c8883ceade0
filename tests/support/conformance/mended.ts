import { type ASTNode, type GraphQLSchema, Kind, parse, print, validate, visit } from 'graphql';
import type { Asked } from './queries.ts';

const removable: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.VARIABLE_DEFINITION,
  Kind.FRAGMENT_DEFINITION,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
]);

const typename: ASTNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Removes whatever makes an operation invalid, such as a second field under one response name. */
export const mended = (schema: GraphQLSchema, { query, variables }: Asked): Asked => {
  let document = parse(query, { noLocation: true });
  for (;;) {
    const [error] = validate(schema, document, undefined, { maxErrors: 1 });
    if (!error) break;
    const broken =
      error.nodes?.findLast((node) => removable.has(node.kind) && node !== typename) ??
      // For a spread without its fragment, the error only has the name.
      error.nodes?.find((node) => node.kind === Kind.NAME);
    if (!broken) throw error;
    document = visit(document, {
      enter: (node: ASTNode) =>
        node === broken || (node.kind === Kind.FRAGMENT_SPREAD && node.name === broken) ? null : undefined,
      SelectionSet: {
        leave: (set) => (set.selections.length === 0 ? { ...set, selections: [typename] } : undefined),
      },
    });
  }
  const [operation] = document.definitions;
  const defined = new Set(
    operation?.kind === Kind.OPERATION_DEFINITION
      ? operation.variableDefinitions?.map(({ variable }) => variable.name.value)
      : [],
  );
  return {
    query: print(document).replaceAll(/\s+/g, ' '),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => defined.has(name))),
  };
};
