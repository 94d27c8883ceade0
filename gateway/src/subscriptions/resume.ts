import type { Schema } from '@apollo/federation-internals';
import {
  type ArgumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { UpstreamEvent } from './upstream.ts';

/**
 * The convention by which a subscription can be caught up after its connection was lost, in any subgraph: its
 * field takes `after: String` and gives an object with `cursor: String!`, as a Relay edge has. Everything newer
 * than that cursor then comes first.
 */
const argument = 'after';
const cursorField = 'cursor';

/** Names in the gateway's own part of an upstream operation; no client's. */
const alias = 'gatewayCursor';
const variable = 'gatewayAfter';

/** Resumption of a lost upstream operation. */
export interface Resumption {
  /** The operation, with the cursor asked for. */
  readonly first: string;
  /** The same, from the cursor in its variables. */
  readonly again: string;
  /** The cursor of an event, which is taken out of it. */
  readonly takeCursor: (event: UpstreamEvent) => string | undefined;
  /** Variables for `again`. */
  readonly variables: (
    given: Readonly<Record<string, unknown>>,
    cursor: string,
  ) => Readonly<Record<string, unknown>>;
}

/** Returns undefined if the field does not have the required shape. */
export const resumption = (subgraph: Schema | undefined, operation: string): Resumption | undefined => {
  const document = parse(operation, { noLocation: true });
  const [definition] = document.definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  const [root] = definition.selectionSet.selections;
  if (root?.kind !== Kind.FIELD || !subgraph || !isResumable(subgraph, root.name.value)) return undefined;
  const key = root.alias?.value ?? root.name.value;
  const withRoot = (field: FieldNode): OperationDefinitionNode => ({
    ...definition,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  });
  const rest = document.definitions.slice(1);
  const withCursor = askingForCursor(root);
  const again = withRoot(beginningAt(withCursor));
  const used = variablesIn(again, rest);
  const variableDefinitions = [
    ...(definition.variableDefinitions ?? []).filter(({ variable: { name } }) => used.has(name.value)),
    afterDefinition,
  ];
  const text = (first: OperationDefinitionNode) => print({ ...document, definitions: [first, ...rest] });
  return {
    first: text(withRoot(withCursor)),
    again: text({ ...again, variableDefinitions }),
    takeCursor: ({ data }) => {
      const edge = data?.[key];
      if (edge === null || typeof edge !== 'object') return undefined;
      const { [alias]: cursor } = edge as Record<string, unknown>;
      delete (edge as Record<string, unknown>)[alias];
      return typeof cursor === 'string' ? cursor : undefined;
    },
    variables: (given, cursor) => ({
      ...Object.fromEntries(Object.entries(given).filter(([name]) => used.has(name))),
      [variable]: cursor,
    }),
  };
};

const isResumable = (subgraph: Schema, name: string): boolean => {
  const field = subgraph.schemaDefinition.rootType('subscription')?.field(name);
  const type = field?.type;
  const object = type?.kind === 'NonNullType' ? type.ofType : type;
  if (String(field?.argument(argument)?.type) !== 'String' || object?.kind !== 'ObjectType') return false;
  return String(object.field(cursorField)?.type) === 'String!';
};

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

const afterDefinition: VariableDefinitionNode = {
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: nameNode(variable) },
  type: { kind: Kind.NAMED_TYPE, name: nameNode('String') },
};

const askingForCursor = (root: FieldNode): FieldNode => ({
  ...root,
  selectionSet: {
    kind: Kind.SELECTION_SET,
    selections: [
      ...(root.selectionSet?.selections ?? []),
      { kind: Kind.FIELD, alias: nameNode(alias), name: nameNode(cursorField) },
    ],
  },
});

const beginningAt = (root: FieldNode): FieldNode => {
  const after: ArgumentNode = {
    kind: Kind.ARGUMENT,
    name: nameNode(argument),
    value: { kind: Kind.VARIABLE, name: nameNode(variable) },
  };
  return {
    ...root,
    arguments: [...(root.arguments ?? []).filter(({ name }) => name.value !== argument), after],
  };
};

const variablesIn = (
  { selectionSet, directives }: OperationDefinitionNode,
  rest: readonly object[],
): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const node of [selectionSet, ...(directives ?? []), ...rest])
    visit(node as typeof selectionSet, {
      Variable: ({ name }) => {
        names.add(name.value);
      },
    });
  names.delete(variable);
  return names;
};
