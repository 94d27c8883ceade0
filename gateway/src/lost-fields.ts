import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** An outage is told often enough with so many errors in one answer. */
const most = 50;

export interface Fetch {
  readonly query: string;
  readonly document?: DocumentNode | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The field errors of a fetch that could not be made: one for each field that it would have brought, with the
 * path at which the executor expects a subgraph to report it (an entity's is `_entities, index, field`).
 */
export const lostFields = (
  { query, document, variables = {} }: Fetch,
  { message, extensions }: GraphQLError,
): GraphQLFormattedError[] => {
  const operation = getOperationAST(document ?? parse(query, { noLocation: true }));
  const paths = operation ? pathsOf(operation.selectionSet, variables) : [];
  return paths.slice(0, most).map((path) => new GraphQLError(message, { path, extensions }).toJSON());
};

const pathsOf = (
  { selections }: SelectionSetNode,
  { representations }: Readonly<Record<string, unknown>>,
): (string | number)[][] =>
  selections.flatMap((root) => {
    if (root.kind !== 'Field') return keysOf([root], undefined).map((key) => [key]);
    if (root.name.value !== '_entities' || !Array.isArray(representations)) return [[keyOf(root)]];
    return representations.flatMap((representation, i) =>
      keysOf(root.selectionSet?.selections ?? [], representation?.__typename).map((key) => [
        '_entities',
        i,
        key,
      ]),
    );
  });

type FieldNode = Extract<SelectionNode, { kind: 'Field' }>;

const keyOf = ({ alias, name }: FieldNode): string => alias?.value ?? name.value;

/** Response keys of a selection as far as it is for the type. Named fragments are not in the planner's fetches. */
const keysOf = (selections: readonly SelectionNode[], type: unknown): string[] => [
  ...new Set(
    selections.flatMap((selection) => {
      if (selection.kind === 'Field') return selection.name.value === '__typename' ? [] : [keyOf(selection)];
      if (selection.kind === 'FragmentSpread') return [];
      const condition = selection.typeCondition?.name.value;
      if (type !== undefined && condition !== undefined && condition !== type) return [];
      return keysOf(selection.selectionSet.selections, type);
    }),
  ),
];
