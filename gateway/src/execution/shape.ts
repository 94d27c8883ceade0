import {
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Data = Record<string, unknown>;

/** What a client gets of the data that was fetched, and a field error for each value that it may not be left out of. */
export interface Shaped {
  readonly data: Data | null;
  readonly errors: readonly GraphQLError[];
}

/** Null that has been reported already. */
const failed = Symbol('failed');
/** The same where null may not be: whatever holds it fails. */
const invalid = Symbol('invalid');

/** What is known while one answer is shaped. */
interface Run {
  readonly path: (string | number)[];
  readonly errors: GraphQLError[];
}

type Complete = (value: unknown, run: Run) => unknown;

/** One key of an answer, and how its value is made. */
interface FieldShape {
  readonly key: string;
  /** Every object has a property of this name: only an own one counts. */
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
  /** The object type of this name. */
  readonly typenameIn: (value: unknown) => string | undefined;
}

/** A selection set with the type that it stands on. */
interface Scope {
  readonly on: GraphQLNamedType;
  readonly selections: readonly SelectionNode[];
}

export interface ShapeOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** With defaults filled in: what @skip and @include depend on. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Compiles how the fetched data becomes the answer: only what was asked for, in its order, null where a value is
 * missing or of the wrong kind, and the parent null where null may not be (GraphQL, sections 6.3.2 and 6.4). What a
 * selection comes to on a type is worked out when it is first met, so an answer costs one step for each value.
 */
export const compileShape = (options: ShapeOptions): ((fetched: Data) => Shaped) => {
  const { schema, operation } = options;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation} type`);
  const complete = new Shapes(options).composite(root, [
    { on: root, selections: operation.selectionSet.selections },
  ]);
  return (fetched) => {
    const run: Run = { path: [], errors: [] };
    const data = complete(fetched, run);
    return { data: data === failed ? null : (data as Data), errors: run.errors };
  };
};

class Shapes {
  readonly #options: ShapeOptions;

  constructor(options: ShapeOptions) {
    this.#options = options;
  }

  composite(type: GraphQLNamedType, scopes: readonly Scope[]): Complete {
    const { schema } = this.#options;
    const byTypename = new Map<string, ObjectShape | undefined>();
    let untyped: ObjectShape | undefined;
    const shapeOf = (typename: unknown): ObjectShape | undefined => {
      if (typename === undefined || typename === null || typename === '') {
        untyped ??= this.#objectShape(type, undefined, scopes);
        return untyped;
      }
      if (typeof typename !== 'string') throw new Error('__typename is not a text');
      if (byTypename.has(typename)) return byTypename.get(typename);
      const runtime = schema.getType(typename);
      const shape = isCompositeType(runtime) ? this.#objectShape(type, runtime, scopes) : undefined;
      // Subgraphs decide what stands here: what they make up is not remembered.
      if (shape) byTypename.set(typename, shape);
      return shape;
    };
    return (value, run) => {
      if (typeof value !== 'object') throw new Error(`${type.name} is not an object`);
      const source = value as Data;
      const shape = shapeOf(source.__typename);
      if (!shape) {
        run.errors.push(errorAt(run, 'The type of an object is not known.'));
        return failed;
      }
      return fill(source, shape, run);
    };
  }

  #objectShape(
    declared: GraphQLNamedType,
    runtime: GraphQLNamedType | undefined,
    scopes: readonly Scope[],
  ): ObjectShape {
    const collected = new Map<string, { on: GraphQLNamedType; name: string; scopes: SelectionSetNode[] }>();
    for (const { on, selections } of scopes) this.#collect(selections, runtime ?? on, runtime, collected);
    const fields = [...collected].map(([key, { on, name, scopes: inner }]): FieldShape => {
      const guarded = key in Object.prototype;
      if (name === '__typename') {
        const known = runtime ?? on;
        const typename = isObjectType(known) ? known.name : undefined;
        return { key, guarded, typename, complete: undefined };
      }
      // The runtime type's own definition, which may be stricter than its interface's.
      const owner = isObjectType(runtime) ? runtime : on;
      const field = 'getFields' in owner ? owner.getFields()[name] : undefined;
      if (!field || !('args' in field)) throw new Error(`${declared.name} has no field ${name}`);
      const selected = inner.flatMap(({ selections }) => selections);
      const complete = this.#value(field.type, selected);
      return { key, guarded, typename: undefined, complete };
    });
    return { fields, bare: collected.has('__proto__'), typenameIn: this.#typenameIn };
  }

  readonly #typenameIn = (value: unknown): string | undefined => {
    const type = typeof value === 'string' ? this.#options.schema.getType(value) : undefined;
    return isObjectType(type) ? type.name : undefined;
  };

  /** GraphQL, section 6.3.2; without a runtime type a fragment applies where the declared type says so. */
  #collect(
    selections: readonly SelectionNode[],
    on: GraphQLNamedType,
    runtime: GraphQLNamedType | undefined,
    collected: Map<string, { on: GraphQLNamedType; name: string; scopes: SelectionSetNode[] }>,
  ): void {
    const { schema, fragments } = this.#options;
    for (const selection of selections) {
      if (!this.#isIncluded(selection)) continue;
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        const known = collected.get(key) ?? { on, name: selection.name.value, scopes: [] };
        if (selection.selectionSet) known.scopes.push(selection.selectionSet);
        collected.set(key, known);
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : fragments[selection.name.value];
      if (!fragment) throw new Error('a fragment is missing');
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      if (fragment.typeCondition && (!condition || !isWithin(schema, condition, runtime ?? on))) continue;
      this.#collect(fragment.selectionSet.selections, runtime ?? condition ?? on, runtime, collected);
    }
  }

  #isIncluded(selection: SelectionNode): boolean {
    if (!selection.directives?.length) return true;
    const { variables } = this.#options;
    const { if: skipped } = getDirectiveValues(GraphQLSkipDirective, selection, variables) ?? {};
    const { if: included } = getDirectiveValues(GraphQLIncludeDirective, selection, variables) ?? {};
    return skipped !== true && included !== false;
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

const fill = (source: Data, { fields, bare, typenameIn }: ObjectShape, run: Run): unknown => {
  const target: Data = bare ? Object.create(null) : {};
  const { path } = run;
  for (const { key, guarded, typename, complete } of fields) {
    if (!complete) {
      const name = typenameIn(source[key]) ?? typename;
      if (name === undefined) return failed;
      target[key] = name;
      continue;
    }
    const found = guarded && !Object.hasOwn(source, key) ? null : (source[key] ?? null);
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
