import type { QueryPlan } from '@apollo/query-planner';
import { RookeryError } from '@rookery/graphql-server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  Kind,
  parse,
  type SelectionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

type Path = readonly string[];

/**
 * Refuses an operation that asks for a field which its plan fetches nowhere. Composition makes sure that every field of
 * an object type can be reached. An interface without any object type it lets pass, and there the planner drops what
 * another subgraph has (`@interfaceObject`) but does not resolve, without a word.
 */
export class ReachableFields {
  readonly #schema: GraphQLSchema;
  /** Interfaces without object types. */
  readonly #hollow: ReadonlySet<string>;

  /** @param schema what clients see */
  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
    this.#hollow = new Set(
      Object.values(schema.getTypeMap())
        .filter((type) => isInterfaceType(type) && schema.getPossibleTypes(type).length === 0)
        .map(({ name }) => name),
    );
  }

  /**
   * @param clientName the client's response name for one under which a field is fetched
   * @throws GraphQLError that names the first field that can't be fetched
   */
  check(
    plan: QueryPlan,
    document: DocumentNode,
    operationName: string | undefined,
    clientName: (key: string) => string,
  ): void {
    if (this.#hollow.size === 0) return;
    const operation = getOperationAST(document, operationName);
    if (!operation) return;
    const fetched = new Set<string>();
    if (plan.node) for (const path of fetchedPaths(plan.node, [])) fetched.add(path.join('\n'));
    const types = new TypeInfo(this.#schema);
    const path: string[] = [];
    const inlined = withoutSpreads(document, operation.selectionSet.selections);
    visit(
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: inlined } },
      visitWithTypeInfo(types, {
        Field: {
          enter: ({ alias, name }) => {
            path.push(alias?.value ?? name.value);
            const parent = getNamedType(types.getParentType() ?? undefined);
            if (!parent || !this.#hollow.has(parent.name) || name.value === '__typename') return;
            if (!fetched.has(path.join('\n')))
              throw unreachable(`${parent.name}.${name.value}`, path, clientName);
          },
          leave: () => {
            path.pop();
          },
        },
      }),
    );
  }
}

const unreachable = (field: string, path: Path, clientName: (key: string) => string): GraphQLError => {
  const { message, extensions } = new RookeryError('BAD_REQUEST', `${field} can't be fetched here.`);
  return new GraphQLError(message, { path: path.map(clientName), extensions });
};

/** Places of every field that a plan fetches, by response names. */
const fetchedPaths = (node: QueryPlan['node'], at: Path): Path[] => {
  switch (node?.kind) {
    case 'Fetch': {
      const document = parse(node.operation, { noLocation: true });
      const selections = getOperationAST(document)?.selectionSet.selections ?? [];
      const renamed = new Map<string, string>();
      for (const each of node.outputRewrites ?? [])
        if (each.kind === 'KeyRenamer') renamed.set(each.path.at(-1) ?? '', each.renameKeyTo);
      return pathsIn(withoutSpreads(document, selections), at, renamed);
    }
    case 'Flatten':
      return fetchedPaths(node.node, [...at, ...node.path.filter((step) => step !== '@').map(String)]);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((each) => fetchedPaths(each, at));
    case 'Subscription':
      return [...fetchedPaths(node.primary, at), ...fetchedPaths(node.rest, at)];
    default:
      return [];
  }
};

/** @param renamed what keys are renamed to once they are fetched */
const pathsIn = (
  selections: readonly SelectionNode[],
  at: Path,
  renamed: ReadonlyMap<string, string>,
): Path[] =>
  selections.flatMap((selection): Path[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const inner = selection.selectionSet?.selections ?? [];
    if (selection.kind === Kind.INLINE_FRAGMENT || selection.name.value === '_entities')
      return pathsIn(inner, at, renamed);
    const key = selection.alias?.value ?? selection.name.value;
    const path = [...at, renamed.get(key) ?? key];
    return [path, ...pathsIn(inner, path, renamed)];
  });

/** The selections with named fragments written out. */
const withoutSpreads = (document: DocumentNode, selections: readonly SelectionNode[]): SelectionNode[] =>
  selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      const set = selection.selectionSet;
      if (!set) return [selection];
      return [
        { ...selection, selectionSet: { ...set, selections: withoutSpreads(document, set.selections) } },
      ];
    }
    const fragment = document.definitions.find(
      (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
    );
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return [];
    const { typeCondition, selectionSet } = fragment;
    const inner = withoutSpreads(document, selectionSet.selections);
    return [
      { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: { ...selectionSet, selections: inner } },
    ];
  });
