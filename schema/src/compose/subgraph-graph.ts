import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  type TypeDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';

/** A subgraph of a supergraph. */
interface GraphSubgraph {
  readonly name: string;
  /** Number of types that it defines. */
  readonly types: number;
}

/** A type that several subgraphs define. */
export interface SharedType {
  readonly name: string;
  readonly kind: 'object' | 'interface' | 'union' | 'enum' | 'input' | 'scalar';
  /** True if it has a key, so that a subgraph adds fields to what another one returns. */
  readonly isEntity: boolean;
  readonly subgraphs: readonly string[];
}

/** The subgraphs of a supergraph, and the types that they share. */
export interface SubgraphGraph {
  readonly subgraphs: readonly GraphSubgraph[];
  /** The most shared first; entities before others. */
  readonly shared: readonly SharedType[];
}

const kinds = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.ENUM_TYPE_DEFINITION]: 'enum',
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: 'input',
  [Kind.SCALAR_TYPE_DEFINITION]: 'scalar',
} as const;

const isType = (definition: { readonly kind: string }): definition is TypeDefinitionNode =>
  Object.hasOwn(kinds, definition.kind);

const argument = ({ arguments: given = [] }: ConstDirectiveNode, name: string): unknown => {
  const found = given.find((one) => one.name.value === name);
  return found === undefined ? undefined : valueFromASTUntyped(found.value);
};

const directives = (
  { directives: all = [] }: { readonly directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): ConstDirectiveNode[] => all.filter((one) => one.name.value === name);

/** Returns the names of the subgraphs by those of their enum values in the supergraph. */
const subgraphNames = ({ definitions }: DocumentNode): Map<string, string> => {
  const found = definitions.find(
    (one) => one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === 'join__Graph',
  );
  const values = found?.kind === Kind.ENUM_TYPE_DEFINITION ? (found.values ?? []) : [];
  return new Map(
    values.flatMap((value) =>
      directives(value, 'join__graph').map(
        (one) => [value.name.value, String(argument(one, 'name'))] as const,
      ),
    ),
  );
};

/** Types that every subgraph may define, so that sharing them says nothing. */
const rootNames: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** Reads which subgraphs define which types from a supergraph. */
export const subgraphGraph = (supergraphSdl: string): SubgraphGraph => {
  const document = parse(supergraphSdl, { noLocation: true });
  const names = subgraphNames(document);
  const types = document.definitions.filter(isType).map((node) => {
    const joins = directives(node, 'join__type');
    const graphs = joins.map((one) => names.get(String(argument(one, 'graph'))) ?? '');
    return {
      name: node.name.value,
      kind: kinds[node.kind],
      isEntity: joins.some((one) => argument(one, 'key') !== undefined),
      subgraphs: [...new Set(graphs)].filter((name) => name !== '').sort(),
    };
  });
  return {
    subgraphs: [...names.values()].sort().map((name) => ({
      name,
      types: types.filter(({ subgraphs }) => subgraphs.includes(name)).length,
    })),
    shared: types
      .filter(({ name, subgraphs }) => subgraphs.length > 1 && !rootNames.has(name))
      .sort(
        (a, b) =>
          Number(b.isEntity) - Number(a.isEntity) ||
          b.subgraphs.length - a.subgraphs.length ||
          (a.name < b.name ? -1 : 1),
      ),
  };
};
