import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { Denied } from './filter.ts';

type Path = readonly (string | number)[];
type Fields = ReadonlyMap<string, readonly FieldNode[]>;

export interface RestoreOptions {
  readonly schema: GraphQLSchema;
  /** As the client sent it. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly denied: Denied;
  /** The response key under which objects say of what type they are. */
  readonly typeKey: string;
  /** The error of a denied field. */
  readonly refuse: (path: Path) => GraphQLError;
}

export interface Restored {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly GraphQLError[];
}

/**
 * Adds denied fields to the response of the permitted part: each is null with an error, or its parent is null
 * if it is non-null (GraphQL, section 6.4.4), and keys are in the order of the client.
 */
export const restore = (answer: Record<string, unknown>, options: RestoreOptions): Restored => {
  const root = options.schema.getRootType(options.operation.operation);
  if (!root) return { data: null, errors: [] };
  const restoration = new Restoration(options);
  const data = restoration.root(root, answer);
  return { data, errors: restoration.errors };
};

class Restoration {
  readonly errors: GraphQLError[] = [];
  readonly #options: RestoreOptions;
  readonly #fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  readonly #subfields = new Map<GraphQLObjectType, Map<readonly FieldNode[], Fields>>();

  constructor(options: RestoreOptions) {
    this.#options = options;
    for (const definition of options.document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition;
  }

  root(type: GraphQLObjectType, answer: Record<string, unknown>): Record<string, unknown> | null {
    const { schema, variables, operation } = this.#options;
    const fields = collectFields(schema, this.#fragments, variables, type, operation.selectionSet);
    return this.#object(type, fields, answer, []);
  }

  #object(
    type: GraphQLObjectType,
    fields: Fields,
    answer: Record<string, unknown>,
    path: Path,
  ): Record<string, unknown> | null {
    // Without a prototype: a key may be called __proto__.
    const restored: Record<string, unknown> = Object.create(null);
    for (const [key, nodes] of fields) {
      const name = nodes[0]?.name.value ?? '';
      const field = type.getFields()[name];
      if (field === undefined) {
        restored[key] = answer[key];
        continue;
      }
      const at = [...path, key];
      const value = this.#options.denied(type, name)
        ? this.#refused(at)
        : this.#value(field.type, nodes, answer[key], at);
      if (value === null && isNonNullType(field.type)) return null;
      restored[key] = value;
    }
    return restored;
  }

  #refused(path: Path): null {
    this.errors.push(this.#options.refuse(path));
    return null;
  }

  #value(type: GraphQLOutputType, nodes: readonly FieldNode[], value: unknown, path: Path): unknown {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return this.#value(type.ofType, nodes, value, path);
    if (isListType(type)) {
      if (!Array.isArray(value)) return null;
      const items = value.map((item, i) => this.#value(type.ofType, nodes, item, [...path, i]));
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    if (isLeafType(type)) return value;
    const answer = value as Record<string, unknown>;
    const runtime = this.#runtimeType(type, answer);
    // An object of unknown type cannot be checked, and is hidden.
    return runtime === undefined
      ? this.#refused(path)
      : this.#object(runtime, this.#fieldsOf(runtime, nodes), answer, path);
  }

  #runtimeType(type: GraphQLOutputType, answer: Record<string, unknown>): GraphQLObjectType | undefined {
    const named = getNamedType(type);
    if (!isAbstractType(named)) return isObjectType(named) ? named : undefined;
    const found = this.#options.schema.getType(String(answer[this.#options.typeKey]));
    return isObjectType(found) ? found : undefined;
  }

  #fieldsOf(type: GraphQLObjectType, nodes: readonly FieldNode[]): Fields {
    const ofType = this.#subfields.get(type) ?? new Map<readonly FieldNode[], Fields>();
    this.#subfields.set(type, ofType);
    const known = ofType.get(nodes);
    if (known) return known;
    const { schema, variables } = this.#options;
    const fields = collectSubfields(schema, this.#fragments, variables, type, nodes);
    ofType.set(nodes, fields);
    return fields;
  }
}
