import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NameNode,
  type StringValueNode,
} from 'graphql';

/** Kinds of elements, as the options of lint rules call them. */
type ElementKind = 'types' | 'FieldDefinition' | 'InputValueDefinition' | 'EnumValueDefinition';

interface Node {
  readonly name: NameNode;
  readonly description?: StringValueNode | undefined;
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** An element of an SDL that lint rules look at. */
export interface LintElement {
  readonly kind: ElementKind;
  readonly coordinate: string;
  readonly node: Node;
  /** Name of the type that it belongs to; undefined for a type. */
  readonly type?: string;
  /** True for a field of a root type. */
  readonly isRootField: boolean;
}

const rootNames = ({ definitions }: DocumentNode): ReadonlySet<string> => {
  const named = definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.operationTypes ?? []).map(({ type }) => type.name.value)
      : [],
  );
  return new Set(['Query', 'Mutation', 'Subscription', ...named]);
};

const inputs = (type: string, prefix: string, suffix: string, nodes: readonly InputValueDefinitionNode[]) =>
  nodes.map(
    (node): LintElement => ({
      kind: 'InputValueDefinition',
      coordinate: `${prefix}${node.name.value}${suffix}`,
      node,
      type,
      isRootField: false,
    }),
  );

const fields = (type: string, isRoot: boolean, nodes: readonly FieldDefinitionNode[]): LintElement[] =>
  nodes.flatMap((node) => {
    const coordinate = `${type}.${node.name.value}`;
    return [
      { kind: 'FieldDefinition' as const, coordinate, node, type, isRootField: isRoot },
      ...inputs(type, `${coordinate}(`, ':)', node.arguments ?? []),
    ];
  });

const membersOf = (definition: DefinitionNode, roots: ReadonlySet<string>): LintElement[] => {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION: {
      const type = definition.name.value;
      return fields(type, roots.has(type), definition.fields ?? []);
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION: {
      const type = definition.name.value;
      return inputs(type, `${type}.`, '', definition.fields ?? []);
    }
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION: {
      const type = definition.name.value;
      return (definition.values ?? []).map((node) => ({
        kind: 'EnumValueDefinition' as const,
        coordinate: `${type}.${node.name.value}`,
        node,
        type,
        isRootField: false,
      }));
    }
    default:
      return [];
  }
};

/** Returns the types, fields, arguments, input fields and enum values that an SDL defines, in its order. */
export const lintElements = (document: DocumentNode): LintElement[] => {
  const roots = rootNames(document);
  return document.definitions.flatMap((definition) => [
    ...('name' in definition && /TypeDefinition$/.test(definition.kind) && definition.name !== undefined
      ? [
          {
            kind: 'types' as const,
            coordinate: definition.name.value,
            node: definition as Node,
            isRootField: false,
          },
        ]
      : []),
    ...membersOf(definition, roots),
  ]);
};
