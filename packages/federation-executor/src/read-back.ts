import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import type { Data } from './data.ts';
import { linkedName } from './linked-directives.ts';
import { UnexpectedNullError } from './response-shaper.ts';

/** `Type.field` of every field with @readBack. */
export type ReadBackRules = ReadonlySet<string>;

/** The @readBack fields that an operation asks for, as a tree of response keys. Other branches are left out. */
export interface ReadBackTree {
  readonly isReadBack: boolean;
  readonly below: ReadonlyMap<string, ReadBackTree>;
}

type Path = readonly (string | number)[];

/**
 * Reads @readBack out of a composed supergraph.
 * @throws Error if such a field may not be null
 */
export const readReadBackRules = (supergraph: DocumentNode): ReadBackRules => {
  const directive = linkedName(supergraph, 'https://rookery.invalid/readBack/', 'readBack');
  const rules = new Set<string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, type, directives = [] } of definition.fields ?? []) {
      if (!directives.some((each) => each.name.value === directive)) continue;
      const coordinate = `${definition.name.value}.${name.value}`;
      if (type.kind === Kind.NON_NULL_TYPE)
        throw new Error(`${coordinate} has @readBack, but its type does not allow null.`);
      rules.add(coordinate);
    }
  }
  return rules;
};

/** Finds the @readBack fields of a mutation; undefined if it has none, as every other operation. */
export const findReadBacks = (
  schema: GraphQLSchema,
  rules: ReadBackRules,
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): ReadBackTree | undefined => {
  const root = schema.getMutationType();
  if (operation.operation !== 'mutation' || rules.size === 0 || !root) return undefined;

  const finder = new ReadBackFinder(schema, rules, fragments);
  return finder.treeOf(false, [{ type: root, selections: operation.selectionSet.selections }]);
};

/** The selections of one response key. */
interface Found {
  isReadBack: boolean;
  readonly scopes: Scope[];
}

interface Scope {
  readonly type: GraphQLNamedType;
  readonly selections: readonly SelectionNode[];
}

class ReadBackFinder {
  readonly #schema: GraphQLSchema;
  readonly #rules: ReadBackRules;
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;

  constructor(
    schema: GraphQLSchema,
    rules: ReadBackRules,
    fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  ) {
    this.#schema = schema;
    this.#rules = rules;
    this.#fragments = fragments;
  }

  treeOf(isReadBack: boolean, scopes: readonly Scope[]): ReadBackTree | undefined {
    const found = new Map<string, Found>();
    const spread = new Set<FragmentDefinitionNode>();
    for (const scope of scopes) this.#collect(scope, found, spread);
    const below = new Map<string, ReadBackTree>();
    for (const [key, { isReadBack: is, scopes: inner }] of found) {
      const tree = this.treeOf(is, inner);
      if (tree) below.set(key, tree);
    }
    return isReadBack || below.size > 0 ? { isReadBack, below } : undefined;
  }

  #collect(
    { type, selections }: Scope,
    found: Map<string, Found>,
    spread: Set<FragmentDefinitionNode>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        this.#collectField(type, selection, found);
        continue;
      }
      const inside = this.#fragmentScope(type, selection, spread);
      if (inside) this.#collect(inside, found, spread);
    }
  }

  #collectField(type: GraphQLNamedType, node: FieldNode, found: Map<string, Found>): void {
    const { alias, name, selectionSet } = node;
    const field = 'getFields' in type ? type.getFields()[name.value] : undefined;
    if (!field || !selectionSet) return;
    const owners = isAbstractType(type) ? [type, ...this.#schema.getPossibleTypes(type)] : [type];
    const key = alias?.value ?? name.value;
    const known = found.get(key) ?? { isReadBack: false, scopes: [] };
    known.isReadBack ||= owners.some((owner) => this.#rules.has(`${owner.name}.${name.value}`));
    known.scopes.push({ type: getNamedType(field.type), selections: selectionSet.selections });
    found.set(key, known);
  }

  /** Returns what a fragment selects; undefined if it is unknown or has been spread before. */
  #fragmentScope(
    type: GraphQLNamedType,
    selection: FragmentSpreadNode | InlineFragmentNode,
    spread: Set<FragmentDefinitionNode>,
  ): Scope | undefined {
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments[selection.name.value] : selection;
    if (!fragment) return undefined;
    if (fragment.kind === Kind.FRAGMENT_DEFINITION) {
      if (spread.has(fragment)) return undefined;
      spread.add(fragment);
    }
    const on = fragment.typeCondition ? this.#schema.getType(fragment.typeCondition.name.value) : type;
    return isCompositeType(on) ? { type: on, selections: fragment.selectionSet.selections } : undefined;
  }
}

/** The innermost @readBack field at or above a place; undefined if there is none. */
const readBackAt = (tree: ReadBackTree, path: Path): Path | undefined => {
  let [node, length]: [ReadBackTree, number] = [tree, 0];
  for (const [i, step] of path.entries()) {
    if (typeof step === 'number') continue;
    const next = node.below.get(step);
    if (!next) break;
    node = next;
    if (node.isReadBack) length = i + 1;
  }
  return length > 0 ? path.slice(0, length) : undefined;
};

const setNull = (data: Data | null, path: Path): void => {
  let holder: unknown = data;
  for (const step of path.slice(0, -1)) {
    if (holder === null || typeof holder !== 'object') return;
    holder = (holder as Record<string | number, unknown>)[step];
  }
  const key = path.at(-1);
  if (holder !== null && typeof holder === 'object' && key !== undefined)
    (holder as Record<string | number, unknown>)[key] = null;
};

/** These say what is wrong with the client's own selection: to read again later would not help. */
const clientErrors: ReadonlySet<unknown> = new Set(['BAD_USER_INPUT', 'FORBIDDEN', 'UNAUTHENTICATED']);

/** True if the other subgraph answered that there is nothing: reading again later would give the same. */
const isAnswer = (error: GraphQLError): boolean =>
  error instanceof UnexpectedNullError || error.extensions.code === 'NOT_FOUND';

export interface Answer {
  /** Written into: what could not be read back becomes null. */
  readonly data: Data | null;
  /** Errors that subgraphs answered, and those of failed fetches. */
  readonly errors: readonly GraphQLError[];
  /** Values that no subgraph brought, or none of their type, although no fetch failed. */
  readonly missing: readonly GraphQLError[];
}

export interface ReadBack extends Pick<Answer, 'errors' | 'missing'> {
  /** The errors that are not part of the answer. */
  readonly dropped: readonly GraphQLError[];
  /** True if a result could not be read now, although it may exist. */
  readonly isStale: boolean;
}

/**
 * Takes the errors below @readBack fields out of the answer to a mutation, and makes those fields null instead: the
 * command was accepted, and must not look refused because its result cannot be read.
 */
export const dropReadBackErrors = (tree: ReadBackTree, { data, errors, missing }: Answer): ReadBack => {
  const drops = (error: GraphQLError): boolean => {
    const { path, extensions } = error;
    const field = path && !clientErrors.has(extensions.code) ? readBackAt(tree, path) : undefined;
    if (field) setNull(data, field);
    return field !== undefined;
  };
  const dropped = new Set([...errors, ...missing].filter(drops));
  const isKept = (error: GraphQLError) => !dropped.has(error);
  return {
    errors: errors.filter(isKept),
    missing: missing.filter(isKept),
    dropped: [...dropped],
    isStale: ![...dropped].every(isAnswer),
  };
};
