import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  parse,
  print,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import { buildSupergraph, type Composed, problem } from '../compose/compose.ts';
import { namedType } from '../compose/requires-cycle.ts';
import { namedIn, positionsInMessage } from '../compose/sdl-positions.ts';
import type { CompositionProblem } from '../model/check-report.ts';
import type { ContractRules } from './rules.ts';

const spec = 'https://specs.apollo.dev';
const inaccessibleLink = `extend schema @link(url: "${spec}/inaccessible/v0.2", for: SECURITY)
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`;

type Element = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

const isTypeDefinition = (node: DefinitionNode): node is TypeDefinitionNode =>
  node.kind.endsWith('TypeDefinition');
const hasFields = (
  node: TypeDefinitionNode,
): node is Extract<
  TypeDefinitionNode,
  { readonly kind: Kind.OBJECT_TYPE_DEFINITION | Kind.INTERFACE_TYPE_DEFINITION }
> => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

/** Types by which a supergraph describes itself. */
const isMachinery = (name: string): boolean => /^(?:join|link|core)__/.test(name);

/** Hidden elements by schema coordinate. */
type Hidden = Set<string>;

interface Selection {
  readonly rules: ContractRules;
  /** Name of `@tag` in this supergraph. */
  readonly tag: string;
}

const tagsOf = ({ directives = [] }: Element, tag: string): string[] =>
  directives
    .filter(({ name }) => name.value === tag)
    .flatMap(({ arguments: args = [] }) =>
      args.flatMap(({ value }) => (value.kind === Kind.STRING ? [value.value] : [])),
    );

const isTagged = (element: Element, tags: readonly string[], { tag }: Selection): boolean =>
  tagsOf(element, tag).some((name) => tags.includes(name));

const fieldsOf = (type: TypeDefinitionNode) => ('fields' in type ? (type.fields ?? []) : []);

/** Hides what excluded tags mark, and fields that no included tag selects. */
const hideByTags = (type: TypeDefinitionNode, selection: Selection, hidden: Hidden): void => {
  const { include, exclude } = selection.rules;
  for (const { coordinate, node } of namedIn(type))
    if (isTagged(node as Element, exclude, selection)) hidden.add(coordinate);
  if (!hasFields(type)) return;
  const isSelected = (field: Element) =>
    include.length === 0 || isTagged(type, include, selection) || isTagged(field, include, selection);
  const coordinates = fieldsOf(type).map((field) => {
    const coordinate = `${type.name.value}.${field.name.value}`;
    if (!isSelected(field)) hidden.add(coordinate);
    return coordinate;
  });
  if (coordinates.every((coordinate) => hidden.has(coordinate))) hidden.add(type.name.value);
};

const shownFields = (type: TypeDefinitionNode, hidden: Hidden) =>
  fieldsOf(type).filter(({ name }) => !hidden.has(`${type.name.value}.${name.value}`));

/** Returns the types to which a shown type leads. */
const neighbors = (
  type: TypeDefinitionNode,
  all: readonly TypeDefinitionNode[],
  hidden: Hidden,
): string[] => {
  const name = type.name.value;
  const implementing =
    type.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? all.filter(
          (other) => hasFields(other) && (other.interfaces ?? []).some((one) => one.name.value === name),
        )
      : [];
  return [
    ...shownFields(type, hidden).flatMap((field) => [
      namedType(field.type),
      ...('arguments' in field
        ? ((field as FieldDefinitionNode).arguments ?? [])
            .filter((argument) => !hidden.has(`${name}.${field.name.value}(${argument.name.value}:)`))
            .map((argument) => namedType(argument.type))
        : []),
    ]),
    ...('types' in type ? (type.types ?? []).map((one: NamedTypeNode) => one.name.value) : []),
    ...(hasFields(type) ? (type.interfaces ?? []).map((one) => one.name.value) : []),
    ...implementing.map((one) => one.name.value),
  ];
};

const hideUnreachable = (
  types: readonly TypeDefinitionNode[],
  roots: readonly string[],
  hidden: Hidden,
): void => {
  const byName = new Map(types.map((type) => [type.name.value, type]));
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const type = byName.get(name);
    if (type === undefined || reached.has(name) || hidden.has(name)) continue;
    reached.add(name);
    waiting.push(...neighbors(type, types, hidden));
  }
  for (const name of byName.keys()) if (!reached.has(name)) hidden.add(name);
};

/** Marks the hidden elements `@inaccessible`. */
const mark = (document: DocumentNode, hidden: Hidden, inaccessible: string): DocumentNode => {
  const directive: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: inaccessible },
  };
  const isMarked = ({ directives = [] }: Element) =>
    directives.some(({ name }) => name.value === inaccessible);
  const path: string[] = [];
  const coordinate = () => (path.length < 3 ? path.join('.') : `${path[0]}.${path[1]}(${path[2]}:)`);
  return visit(document, {
    DirectiveDefinition: () => false,
    enter: (node) => {
      if ('name' in node && /Definition$/.test(node.kind) && node.name) path.push(node.name.value);
      return undefined;
    },
    leave: (node) => {
      if (!('name' in node) || !/Definition$/.test(node.kind) || !node.name) return undefined;
      const isHidden = hidden.has(coordinate()) && !isMarked(node as Element);
      path.pop();
      return isHidden
        ? { ...node, directives: [...((node as Element).directives ?? []), directive] }
        : undefined;
    },
  });
};

/** Returns what clients of a contract see, or why it is no valid schema. */
export const contractSchema = (
  composed: Composed,
  rules: ContractRules,
): GraphQLSchema | readonly CompositionProblem[] => {
  const features = composed.supergraph.schema.coreFeatures;
  const nameOf = (feature: string) => features?.getByIdentity(`${spec}/${feature}`)?.nameInSchema;
  const inaccessible = nameOf('inaccessible');
  const text =
    inaccessible === undefined ? `${composed.supergraphSdl}\n${inaccessibleLink}` : composed.supergraphSdl;
  const document = parse(text);
  const types = document.definitions.filter(isTypeDefinition).filter(({ name }) => !isMachinery(name.value));
  const hidden: Hidden = new Set();
  const selection = { rules, tag: nameOf('tag') ?? 'tag' };
  for (const type of types) hideByTags(type, selection, hidden);
  const roots = composed.supergraph.schema.schemaDefinition.roots().map(({ type }) => type.name);
  if (rules.hideUnreachable) hideUnreachable(types, roots, hidden);
  try {
    const marked = mark(document, hidden, inaccessible ?? 'inaccessible');
    return buildSupergraph(print(marked)).apiSchema().toGraphQLJSSchema();
  } catch (error) {
    return problemsOf(error, composed);
  }
};

const causesOf = (error: unknown): readonly GraphQLError[] => {
  if (!(error instanceof GraphQLError)) throw error;
  const { causes } = error as GraphQLError & { readonly causes?: readonly GraphQLError[] };
  return causes ?? [error];
};

const problemsOf = (error: unknown, { positions }: Composed): CompositionProblem[] =>
  causesOf(error).map((cause) =>
    problem(
      String(cause.extensions?.code ?? 'CONTRACT_INVALID'),
      cause.message,
      positionsInMessage(cause.message, positions),
    ),
  );
