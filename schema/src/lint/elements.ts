import {
  type ASTNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  type TypeDefinitionNode,
} from 'graphql';
import { namedIn } from '../compose/sdl-positions.ts';

type ElementNode =
  | TypeDefinitionNode
  | FieldDefinitionNode
  | InputValueDefinitionNode
  | EnumValueDefinitionNode;

/** Kinds of elements, as the options of lint rules call them. */
type ElementKind = 'types' | 'FieldDefinition' | 'InputValueDefinition' | 'EnumValueDefinition';

/** An element of an SDL that lint rules look at. */
export interface LintElement {
  readonly kind: ElementKind;
  readonly coordinate: string;
  readonly node: ElementNode;
  /** Name of the type that it belongs to; for a type, its own. */
  readonly type: string;
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

const members: Readonly<Record<string, Exclude<ElementKind, 'types'>>> = {
  [Kind.FIELD_DEFINITION]: 'FieldDefinition',
  [Kind.INPUT_VALUE_DEFINITION]: 'InputValueDefinition',
  [Kind.ENUM_VALUE_DEFINITION]: 'EnumValueDefinition',
};

const isElement = (node: ASTNode): node is ElementNode =>
  isTypeDefinitionNode(node) || Object.hasOwn(members, node.kind);

/** Returns the types, fields, arguments, input fields and enum values that an SDL defines, in its order. */
export const lintElements = (document: DocumentNode): LintElement[] => {
  const roots = rootNames(document);
  return document.definitions.flatMap(namedIn).flatMap(({ coordinate, node }) => {
    if (!isElement(node)) return [];
    const kind = members[node.kind] ?? 'types';
    const [type = ''] = coordinate.split('.');
    return [{ kind, coordinate, node, type, isRootField: kind === 'FieldDefinition' && roots.has(type) }];
  });
};
