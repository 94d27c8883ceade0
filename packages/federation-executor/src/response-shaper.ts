import { isIncluded, RookeryError } from '@rookery/graphql-server';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';
import { type Data, isData } from './data.ts';
import { LostValue, lostType } from './lost-value.ts';
import { overlapOf } from './overlap.ts';
import { isIntrospection } from './safe-names.ts';
import { serializerOf } from './serialize.ts';

/** Answers a field of the root that asks for the schema itself; all nodes of one response name. */
export type Introspect = (
  nodes: readonly FieldNode[],
  variables: Readonly<Data>,
) => { readonly value: unknown; readonly errors: readonly GraphQLError[] };

/** The data as the client sees it, and an error for each null that no subgraph answered. */
interface ShapedResponse {
  readonly data: Data | null;
  /** Errors of values that were lost because a fetch failed. */
  readonly lost: readonly GraphQLError[];
  /** Errors of values that are missing, of the wrong type, or null in a non-null position. */
  readonly errors: readonly GraphQLError[];
  /** Errors of selections that the conditions of the client exclude. */
  readonly refused: readonly GraphQLError[];
}

/** Null that has been reported already. */
const failed = Symbol('failed');
/** Marks an invalid value in a non-null position: its parent becomes null. */
const invalid = Symbol('invalid');

/** State while one response is shaped. */
interface Run {
  readonly path: (string | number)[];
  readonly lost: GraphQLError[];
  readonly errors: GraphQLError[];
  readonly refused: GraphQLError[];
  /** As the client sent them. */
  readonly variables: Readonly<Data>;
}

type ShapeValue = (value: unknown, run: Run) => unknown;

/** One key of an answer, and how its value is made. */
interface FieldShape {
  readonly key: string;
  /** The key under which it was fetched. */
  readonly source: string;
  /** Every object has a property of that name: only an own one counts. */
  readonly guarded: boolean;
  /** Value of the field `__typename`. */
  readonly typename: string | undefined;
  readonly nonNull: boolean;
  /** Undefined for `__typename`. */
  readonly complete: ShapeValue | undefined;
}

interface ObjectShape {
  readonly fields: readonly FieldShape[];
  /** A key is `__proto__`, which a plain object would not keep. */
  readonly bare: boolean;
  /** True if the fields depend on the concrete type, which is unknown. */
  readonly needsType: boolean;
}

/** All nodes of one response name, with the parent type of the first. */
interface Collected {
  readonly on: GraphQLCompositeType;
  readonly nodes: [FieldNode, ...FieldNode[]];
}

/** Selections on an object, while they are being collected. */
interface Collection {
  /** The narrowest type that the object is known to be of. */
  readonly scope: GraphQLCompositeType;
  readonly fields: Map<string, Collected>;
  readonly spread: Set<string>;
  needsType: boolean;
}

export interface ResponseShaperOptions {
  /** Schema as seen by clients. */
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
export type ResponseShaper = (fetched: Data, variables: Readonly<Data>) => ShapedResponse;

/**
 * Compiles a function that turns the fetched data into the response: only the selected fields, in their
 * order, null for missing or mistyped values, and a null parent for a null in a non-null position (GraphQL,
 * sections 6.3.2 and 6.4). Selections are resolved once per type, so a response costs one step for each
 * value.
 */
export const createResponseShaper = (options: ResponseShaperOptions): ResponseShaper => {
  const { schema, operation } = options;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation} type`);
  const complete = new ShapeCompiler(options).composite(root, operation.selectionSet.selections);
  return (fetched, given) => {
    const run: Run = { path: [], lost: [], errors: [], refused: [], variables: given };
    const data = complete(fetched, run);
    const { lost, errors, refused } = run;
    return { data: data === failed ? null : (data as Data), lost, errors, refused };
  };
};

class ShapeCompiler {
  readonly #options: ResponseShaperOptions;

  constructor(options: ResponseShaperOptions) {
    this.#options = options;
  }

  composite(type: GraphQLCompositeType, selections: readonly SelectionNode[]): ShapeValue {
    const byTypename = new Map<string, ObjectShape | RookeryError>();
    let untyped: ObjectShape | RookeryError | undefined;
    const shapeOf = (typename: unknown): ObjectShape | RookeryError | undefined => {
      if (typename === undefined || typename === null || typename === '') {
        untyped ??= this.#shapeOrRefusal(type, selections);
        return untyped;
      }
      if (typeof typename !== 'string') return undefined;
      const known = byTypename.get(typename);
      if (known) return known;
      const scope = this.#scopeOf(type, typename);
      const shape = scope && this.#shapeOrRefusal(scope, selections);
      // Subgraphs choose this value; unknown names are not cached.
      if (shape) byTypename.set(typename, shape);
      return shape;
    };
    return (value, run) => {
      if (!isData(value)) {
        run.errors.push(errorAt(run, `A value is not of the type ${type.name}.`));
        return failed;
      }
      const shape = shapeOf(value.__typename);
      if (shape instanceof RookeryError) {
        const { message, extensions } = shape;
        run.refused.push(new GraphQLError(message, { path: [...run.path], extensions }));
        return failed;
      }
      if (shape && !shape.needsType) return fill(value, shape, run);
      const { [lostType]: lost } = value as { readonly [lostType]?: LostValue };
      if (lost) run.lost.push(lostAt(run, lost));
      else run.errors.push(errorAt(run, `Of a value of the type ${type.name} the type is not known.`));
      return failed;
    };
  }

  /**
   * Returns the narrowest type that an object is known to be of: its own, or, if a subgraph knows it by an interface
   * alone, that interface or the declared type. Undefined if its own can't stand here.
   */
  #scopeOf(declared: GraphQLCompositeType, typename: string): GraphQLCompositeType | undefined {
    const { schema } = this.#options;
    const own = schema.getType(typename);
    if (!isCompositeType(own)) return undefined;
    switch (overlapOf(schema, own, declared)) {
      case 'within':
        return own;
      case 'around':
        return isObjectType(own) ? undefined : declared;
      case 'some':
        return isObjectType(own) ? undefined : own;
      default:
        return undefined;
    }
  }

  /** A condition that is null takes the object that it is a condition in (GraphQL, section 5.8.5). */
  #shapeOrRefusal(
    scope: GraphQLCompositeType,
    selections: readonly SelectionNode[],
  ): ObjectShape | RookeryError {
    try {
      return this.#objectShape(scope, selections);
    } catch (error) {
      if (error instanceof RookeryError) return error;
      throw error;
    }
  }

  /** @param scope the narrowest type that the object is known to be of */
  #objectShape(scope: GraphQLCompositeType, selections: readonly SelectionNode[]): ObjectShape {
    const collected: Collection = { scope, fields: new Map(), spread: new Set(), needsType: false };
    this.#collect(selections, scope, collected);
    const { sourceOf, introspect } = this.#options;
    const fields = [...collected.fields].map(([key, { on, nodes }]): FieldShape => {
      const [node] = nodes;
      const name = node.name.value;
      const source = sourceOf(node);
      const guarded = source in Object.prototype;
      const asIs = { key, source, guarded, typename: undefined, nonNull: false };
      if (name === '__typename') return { ...asIs, typename: scope.name, complete: undefined };
      if (isIntrospection(name)) {
        const complete: ShapeValue = (_fetched, run) => {
          const { value, errors } = introspect(nodes, run.variables);
          run.refused.push(...errors);
          return value === null && name === '__schema' ? invalid : value;
        };
        return { ...asIs, complete };
      }
      // The object type's own definition, which may be stricter than its interface's.
      const owner = isObjectType(scope) ? scope : on;
      const field = 'getFields' in owner ? owner.getFields()[name] : undefined;
      if (!field || !('args' in field)) throw new Error(`${owner.name} has no field ${name}`);
      const selected = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
      const complete = this.#value(field.type, selected);
      return { ...asIs, nonNull: isNonNullType(field.type), complete };
    });
    const needsType =
      collected.needsType || (!isObjectType(scope) && fields.some(({ complete }) => complete === undefined));
    return { fields, bare: collected.fields.has('__proto__'), needsType };
  }

  /**
   * GraphQL, section 6.3.2. A fragment applies depending on the known type of the object, which enclosing
   * fragments never widen.
   * @param on parent type of the selections, for the definitions of their fields
   */
  #collect(selections: readonly SelectionNode[], on: GraphQLCompositeType, collection: Collection): void {
    const { variables } = this.#options;
    const { spread } = collection;
    for (const selection of selections) {
      const name = selection.kind === 'FragmentSpread' ? selection.name.value : undefined;
      if (name !== undefined && spread.has(name)) continue;
      if (!isIncluded(selection, variables)) continue;
      if (name !== undefined) spread.add(name);
      if (selection.kind === 'Field') collectField(selection, on, collection);
      else this.#collectFragment(selection, on, collection);
    }
  }

  #collectFragment(
    selection: FragmentSpreadNode | InlineFragmentNode,
    on: GraphQLCompositeType,
    collection: Collection,
  ): void {
    const { schema, fragments } = this.#options;
    const { scope } = collection;
    const fragment = selection.kind === 'InlineFragment' ? selection : fragments[selection.name.value];
    if (!fragment) throw new Error('a fragment is missing');
    const { typeCondition, selectionSet } = fragment;
    if (!typeCondition) {
      this.#collect(selectionSet.selections, on, collection);
      return;
    }
    const condition = schema.getType(typeCondition.name.value);
    if (!isCompositeType(condition)) throw new Error(`there is no type ${typeCondition.name.value}`);
    const overlap = overlapOf(schema, scope, condition);
    if (overlap === 'within') this.#collect(selectionSet.selections, condition, collection);
    else if (overlap !== 'none') collection.needsType = true;
  }

  #value(type: GraphQLOutputType, selections: readonly SelectionNode[]): ShapeValue {
    if (isNonNullType(type)) {
      const inner = this.#value(type.ofType, selections);
      return (value, run) => {
        const completed = value === null ? null : inner(value, run);
        if (completed === null) run.errors.push(new UnexpectedNullError(run.path));
        return completed === null || completed === failed ? invalid : completed;
      };
    }
    if (isListType(type)) return listOf(this.#value(type.ofType, selections));
    if (isCompositeType(type)) return nullable(this.composite(type, selections));
    const serialize = serializerOf(type);
    return (value, run) => {
      if (value === null) return null;
      const serialized = serialize(value);
      if (serialized !== undefined) return serialized;
      run.errors.push(errorAt(run, `A value is not of the type ${type.name}.`));
      return failed;
    };
  }
}

const collectField = (node: FieldNode, on: GraphQLCompositeType, { fields }: Collection): void => {
  const key = node.alias?.value ?? node.name.value;
  const known = fields.get(key);
  if (known) known.nodes.push(node);
  else fields.set(key, { on, nodes: [node] });
};

const nullable =
  (complete: ShapeValue): ShapeValue =>
  (value, run) =>
    value === null ? null : complete(value, run);

const listOf =
  (item: ShapeValue): ShapeValue =>
  (value, run) => {
    if (value === null) return null;
    if (!Array.isArray(value)) {
      run.errors.push(errorAt(run, 'A value is not a list.'));
      return failed;
    }
    const { path } = run;
    const completed = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      const made = item(value[i] ?? null, run);
      path.pop();
      if (made === invalid) return failed;
      completed[i] = made === failed ? null : made;
    }
    return completed;
  };

const fill = (source: Data, { fields, bare }: ObjectShape, run: Run): unknown => {
  const target: Data = bare ? Object.create(null) : {};
  const { path } = run;
  for (const { key, source: from, guarded, typename, nonNull, complete } of fields) {
    if (!complete) {
      target[key] = typename;
      continue;
    }
    // Undefined is of no type: a null has to be answered as one.
    const found = guarded && !Object.hasOwn(source, from) ? undefined : source[from];
    path.push(key);
    let made: unknown = failed;
    if (found instanceof LostValue) run.lost.push(lostAt(run, found));
    else made = complete(found, run);
    path.pop();
    if (made === invalid || (made === failed && nonNull)) return failed;
    target[key] = made === failed ? null : made;
  }
  return target;
};

/** A subgraph returned null in a non-null position. */
export class UnexpectedNullError extends GraphQLError {
  constructor(path: readonly (string | number)[]) {
    super('A value that may not be null is missing.', { path: [...path] });
  }
}

const errorAt = ({ path }: Run, message: string) => new GraphQLError(message, { path: [...path] });

const lostAt = ({ path }: Run, { cause }: LostValue) =>
  new GraphQLError(cause.message, {
    path: [...path],
    originalError: cause.originalError,
    extensions: cause.extensions,
  });
