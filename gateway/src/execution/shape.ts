import { RookeryError } from '@rookery/service';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { isIncluded } from './conditions.ts';
import type { Data } from './data.ts';
import { isIntrospection } from './safe-names.ts';

/** Answers a field of the root that asks for the schema itself; all nodes of one response name. */
export type Introspect = (
  nodes: readonly FieldNode[],
  variables: Readonly<Data>,
) => { readonly value: unknown; readonly errors: readonly GraphQLError[] };

/** What a client gets of the data that was fetched, and a field error for each value that it may not be left out of. */
export interface Shaped {
  readonly data: Data | null;
  readonly errors: readonly GraphQLError[];
  /** What the client's own conditions keep from being answered. */
  readonly refused: readonly GraphQLError[];
}

/** Null that has been reported already. */
const failed = Symbol('failed');
/** The same where null may not be: whatever holds it fails. */
const invalid = Symbol('invalid');

/** What is known while one answer is shaped. */
interface Run {
  readonly path: (string | number)[];
  readonly errors: GraphQLError[];
  readonly refused: GraphQLError[];
  /** As the client sent them. */
  readonly variables: Readonly<Data>;
}

type Complete = (value: unknown, run: Run) => unknown;

/** One key of an answer, and how its value is made. */
interface FieldShape {
  readonly key: string;
  /** The key under which it was fetched. */
  readonly source: string;
  /** Every object has a property of that name: only an own one counts. */
  readonly guarded: boolean;
  /** Of the field `__typename`: the answer, undefined where the type is not known to be an object's. */
  readonly typename: string | undefined;
  /** Undefined for `__typename`. */
  readonly complete: Complete | undefined;
}

interface ObjectShape {
  readonly fields: readonly FieldShape[];
  /** A key is `__proto__`, which a plain object would not keep. */
  readonly bare: boolean;
}

/** A selection set with the type that it stands on. */
interface Scope {
  readonly on: GraphQLNamedType;
  readonly selections: readonly SelectionNode[];
}

/** All nodes of one response name, and the type that the first stands on. */
interface Collected {
  readonly on: GraphQLNamedType;
  readonly nodes: [FieldNode, ...FieldNode[]];
}

export interface ShapeOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** With defaults filled in: what @skip and @include depend on. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Under which key a field was fetched. */
  readonly sourceOf: (field: FieldNode) => string;
  readonly introspect: Introspect;
}

/** Shapes what was fetched; the variables are the client's, as they came. */
export type Shape = (fetched: Data, variables: Readonly<Data>) => Shaped;

/**
 * Compiles how the fetched data becomes the answer: only what was asked for, in its order, null where a value is
 * missing or of the wrong kind, and the parent null where null may not be (GraphQL, sections 6.3.2 and 6.4). What a
 * selection comes to on a type is worked out when it is first met, so an answer costs one step for each value.
 */
export const compileShape = (options: ShapeOptions): Shape => {
  const { schema, operation } = options;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation} type`);
  const complete = new Shapes(options).composite(root, [
    { on: root, selections: operation.selectionSet.selections },
  ]);
  return (fetched, given) => {
    const run: Run = { path: [], errors: [], refused: [], variables: given };
    const data = complete(fetched, run);
    return { data: data === failed ? null : (data as Data), errors: run.errors, refused: run.refused };
  };
};

class Shapes {
  readonly #options: ShapeOptions;

  constructor(options: ShapeOptions) {
    this.#options = options;
  }

  composite(type: GraphQLNamedType, scopes: readonly Scope[]): Complete {
    const { schema } = this.#options;
    const byTypename = new Map<string, ObjectShape | RookeryError>();
    let untyped: ObjectShape | RookeryError | undefined;
    const shapeOf = (typename: unknown): ObjectShape | RookeryError | undefined => {
      if (typename === undefined || typename === null || typename === '') {
        untyped ??= this.#shapeOrRefusal(type, undefined, scopes);
        return untyped;
      }
      if (typeof typename !== 'string') throw new Error('__typename is not a text');
      if (byTypename.has(typename)) return byTypename.get(typename);
      const runtime = schema.getType(typename);
      const shape = isCompositeType(runtime) ? this.#shapeOrRefusal(type, runtime, scopes) : undefined;
      // Subgraphs decide what stands here: what they make up is not remembered.
      if (shape) byTypename.set(typename, shape);
      return shape;
    };
    return (value, run) => {
      if (typeof value !== 'object') throw new Error(`${type.name} is not an object`);
      const source = value as Data;
      const shape = shapeOf(source.__typename);
      if (shape instanceof RookeryError) {
        const { message, extensions } = shape;
        run.refused.push(new GraphQLError(message, { path: [...run.path], extensions }));
        return failed;
      }
      if (!shape) {
        run.errors.push(errorAt(run, 'The type of an object is not known.'));
        return failed;
      }
      return fill(source, shape, run);
    };
  }

  /** A condition that is null takes the object that it is a condition in (GraphQL, section 5.8.5). */
  #shapeOrRefusal(
    declared: GraphQLNamedType,
    runtime: GraphQLNamedType | undefined,
    scopes: readonly Scope[],
  ): ObjectShape | RookeryError {
    try {
      return this.#objectShape(declared, runtime, scopes);
    } catch (error) {
      if (error instanceof RookeryError) return error;
      throw error;
    }
  }

  #objectShape(
    declared: GraphQLNamedType,
    runtime: GraphQLNamedType | undefined,
    scopes: readonly Scope[],
  ): ObjectShape {
    const collected = new Map<string, Collected>();
    const spread = new Set<string>();
    for (const { on, selections } of scopes)
      this.#collect(selections, runtime ?? on, runtime, collected, spread);
    const { sourceOf, introspect } = this.#options;
    const fields = [...collected].map(([key, { on, nodes }]): FieldShape => {
      const [node] = nodes;
      const name = node.name.value;
      const source = sourceOf(node);
      const guarded = source in Object.prototype;
      if (name === '__typename') {
        const known = runtime ?? on;
        const typename = isObjectType(known) ? known.name : undefined;
        return { key, source, guarded, typename, complete: undefined };
      }
      if (isIntrospection(name)) {
        const complete: Complete = (_fetched, run) => {
          const { value, errors } = introspect(nodes, run.variables);
          run.refused.push(...errors);
          return value === null && name === '__schema' ? invalid : value;
        };
        return { key, source, guarded, typename: undefined, complete };
      }
      // The runtime type's own definition, which may be stricter than its interface's.
      const owner = isObjectType(runtime) ? runtime : on;
      const field = 'getFields' in owner ? owner.getFields()[name] : undefined;
      if (!field || !('args' in field)) throw new Error(`${declared.name} has no field ${name}`);
      const selected = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
      const complete = this.#value(field.type, selected);
      return { key, source, guarded, typename: undefined, complete };
    });
    return { fields, bare: collected.has('__proto__') };
  }

  /** GraphQL, section 6.3.2; without a runtime type a fragment applies where the declared type says so. */
  #collect(
    selections: readonly SelectionNode[],
    on: GraphQLNamedType,
    runtime: GraphQLNamedType | undefined,
    collected: Map<string, Collected>,
    spread: Set<string>,
  ): void {
    const { schema, fragments, variables } = this.#options;
    for (const selection of selections) {
      if (selection.kind === 'FragmentSpread' && spread.has(selection.name.value)) continue;
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === 'FragmentSpread') spread.add(selection.name.value);
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        const known = collected.get(key);
        if (known) known.nodes.push(selection);
        else collected.set(key, { on, nodes: [selection] });
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : fragments[selection.name.value];
      if (!fragment) throw new Error('a fragment is missing');
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      if (fragment.typeCondition && (!condition || !isWithin(schema, condition, runtime ?? on))) continue;
      this.#collect(fragment.selectionSet.selections, runtime ?? condition ?? on, runtime, collected, spread);
    }
  }

  #value(type: GraphQLOutputType, selections: readonly SelectionNode[]): Complete {
    if (isNonNullType(type)) {
      const inner = this.#value(type.ofType, selections);
      return (value, run) => {
        const completed = value === null ? null : inner(value, run);
        if (completed === null) run.errors.push(errorAt(run, 'A value that may not be null is missing.'));
        return completed === null || completed === failed ? invalid : completed;
      };
    }
    if (isListType(type)) return listOf(this.#value(type.ofType, selections));
    if (isCompositeType(type)) return nullable(this.composite(type, [{ on: type, selections }]));
    const isValid = leafOf(type);
    return (value, run) => {
      if (value === null || isValid(value)) return value;
      run.errors.push(errorAt(run, 'A value is not of its type.'));
      return failed;
    };
  }
}

const nullable =
  (complete: Complete): Complete =>
  (value, run) =>
    value === null ? null : complete(value, run);

const listOf =
  (item: Complete): Complete =>
  (value, run) => {
    if (value === null) return null;
    if (!Array.isArray(value)) throw new Error('a list is not a list');
    const { path } = run;
    const completed = new Array<unknown>(value.length);
    let broken = false;
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      const made = item(value[i] ?? null, run);
      path.pop();
      if (made === invalid) broken = true;
      completed[i] = made === failed ? null : made;
    }
    return broken ? failed : completed;
  };

const fill = (source: Data, { fields, bare }: ObjectShape, run: Run): unknown => {
  const target: Data = bare ? Object.create(null) : {};
  const { path } = run;
  for (const { key, source: from, guarded, typename, complete } of fields) {
    if (!complete) {
      if (typename === undefined) return failed;
      target[key] = typename;
      continue;
    }
    const found = guarded && !Object.hasOwn(source, from) ? null : (source[from] ?? null);
    path.push(key);
    const made = complete(found, run);
    path.pop();
    if (made === invalid) return failed;
    target[key] = made === failed ? null : made;
  }
  return target;
};

const errorAt = ({ path }: Run, message: string) => new GraphQLError(message, { path: [...path] });

const isWithin = (schema: GraphQLSchema, condition: GraphQLNamedType, type: GraphQLNamedType): boolean =>
  condition === type ||
  (isAbstractType(condition) && 'getInterfaces' in type && schema.isSubType(condition, type));

/** Whether a subgraph's value can stand for the type; a custom scalar takes anything. */
const leafOf = (type: GraphQLNamedType): ((value: unknown) => boolean) => {
  if (isEnumType(type)) return (value) => typeof value === 'string' && type.getValue(value) !== undefined;
  if (!isSpecifiedScalarType(type)) return () => true;
  switch (type.name) {
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    case 'Int':
      return (value) => Number.isInteger(value);
    case 'Float':
      return (value) => Number.isFinite(value);
    case 'ID':
      return (value) => typeof value === 'string' || Number.isInteger(value);
    default:
      return (value) => typeof value === 'string';
  }
};
