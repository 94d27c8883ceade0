import { federationMetadata, type Schema, type Supergraph } from '@apollo/federation-internals';
import type {
  FetchNode,
  PlanNode,
  QueryPlan,
  QueryPlanSelectionNode,
  ResponsePath,
} from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import { entityFields, withUsedVariables } from './entity-fetch.ts';
import { type FieldNames, merged, namesIn, union, without } from './field-names.ts';
import { argumentsOf } from './linked-directives.ts';
import { possibleTypes, selectedBy, selectedIn, WantedFields } from './wanted-fields.ts';

/** A type that a subgraph has as one object, and that is an interface elsewhere. */
interface InterfaceObject {
  readonly name: string;
  /** Fields required by each field with @requires. */
  readonly required: ReadonlyMap<string, FieldNames>;
}

/** Fields of one fetch that are needed of the same types. */
interface Part {
  /** Undefined outside of interface objects. */
  readonly object: InterfaceObject | undefined;
  /** Undefined if it is all of them. */
  readonly types: ReadonlySet<string> | undefined;
  readonly fields: Set<FieldNode>;
}

/**
 * Splits fetches of interface objects by type. A subgraph with an interface object does not know its types.
 * So the planner of Apollo fetches all fields that any type needs, for all types, in one fetch, and each
 * entity must provide whatever any of these fields requires. `{ allMedia { rating ... on Book { score } } }`,
 * in which score requires a title, fetches the titles of books and then sends no film, since films have no
 * title. And errors of fields that are not selected on a type reach the client. Here such a fetch is split by
 * the types of its fields.
 */
export class InterfaceObjects {
  readonly #schema: GraphQLSchema;
  /** Names of the types that some subgraph has so. */
  readonly names: ReadonlySet<string>;
  /** By subgraph and type. */
  readonly #known = new Map<string, ReadonlyMap<string, InterfaceObject>>();

  /** @param schema the supergraph's, with everything that clients don't see */
  constructor(model: Supergraph, schema: GraphQLSchema) {
    this.#schema = schema;
    for (const { name, schema: subgraph } of model.subgraphs()) {
      const found = interfaceObjectsOf(subgraph);
      if (found.size > 0) this.#known.set(name, found);
    }
    this.names = new Set([...this.#known.values()].flatMap((each) => [...each.keys()]));
  }

  /** True if there are none, so that plans need no change. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** @param operation the one that was planned, in its document */
  mend(plan: QueryPlan, document: DocumentNode, operation: OperationDefinitionNode): QueryPlan {
    if (this.isEmpty || !plan.node) return plan;
    const wanted = new WantedFields(this.#schema);
    const fragments = new Map(
      document.definitions
        .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
        .map((each) => [each.name.value, each]),
    );
    const selected = selectedIn(operation.selectionSet.selections, (name) => fragments.get(name));
    wanted.note([], this.#schema.getRootType(operation.operation) ?? undefined, selected);
    const { node } = plan;
    const note = (fetch: FetchNode, path: ResponsePath) => {
      wanted.note(path, undefined, selectedBy(fetch.requires));
      return fetch;
    };
    const split = (fetch: FetchNode, path: ResponsePath) => this.#split(fetch, path, wanted);
    if (node.kind !== 'Subscription') {
      eachFetch(node, [], note);
      return { ...plan, node: eachFetch(node, [], split) };
    }
    if (!node.rest) return plan;
    eachFetch(node.rest, [], note);
    return { ...plan, node: { ...node, rest: eachFetch(node.rest, [], split) } };
  }

  #split(fetch: FetchNode, path: ResponsePath, wanted: WantedFields): PlanNode {
    const objects = this.#known.get(fetch.serviceName);
    if (!objects || !fetch.requires) return fetch;
    const document = parse(fetch.operation);
    const parts = this.#partsOf(document, fetch, objects, (key) => wanted.of(path, key));
    if (parts.every(({ types }) => types === undefined)) return fetch;
    const nodes = parts.flatMap((part) => {
      const requires = part.object
        ? this.#requiresOf(part, part.object, parts, fetch.requires ?? [])
        : fetch.requires;
      return requires?.length ? [fetchOf(part, parts, fetch, document, requires)] : [];
    });
    const [first] = nodes;
    return nodes.length === 1 && first ? first : { kind: 'Parallel', nodes };
  }

  #partsOf(
    document: DocumentNode,
    { outputRewrites = [] }: FetchNode,
    objects: ReadonlyMap<string, InterfaceObject>,
    wantedOf: (key: string) => ReadonlySet<string> | undefined,
  ): readonly Part[] {
    const planned = new Map<string | undefined, string>();
    for (const each of outputRewrites)
      if (each.kind === 'KeyRenamer') planned.set(each.path.at(-1), each.renameKeyTo);
    const parts = new Map<string, Part>();
    for (const [on, field] of entityFields(document)) {
      const object = objects.get(on);
      const key = field.alias?.value ?? field.name.value;
      const types = object && this.#someOf(object, wantedOf(planned.get(key) ?? key));
      const name = object ? [object.name, ...[...(types ?? [])].sort()].join('\n') : '';
      const part = parts.get(name) ?? { object, types, fields: new Set() };
      parts.set(name, part);
      part.fields.add(field);
    }
    return [...parts.values()];
  }

  /** Returns the types of an interface object of which fields are needed; undefined if that is all of them. */
  #someOf(
    { name }: InterfaceObject,
    asked: ReadonlySet<string> | undefined,
  ): ReadonlySet<string> | undefined {
    if (!asked) return undefined;
    const all = [...this.#possible(name)];
    const some = new Set(all.filter((each) => asked.has(each)));
    return some.size === all.length || some.size === 0 ? undefined : some;
  }

  /** Returns the fields that an entity must provide for a part: its key, and the fields that the part requires. */
  #requiresOf(
    { types, fields }: Part,
    object: InterfaceObject,
    parts: readonly Part[],
    requires: readonly QueryPlanSelectionNode[],
  ): QueryPlanSelectionNode[] {
    const requiredBy = (all: Iterable<FieldNode>): FieldNames =>
      union([...all].flatMap(({ name }) => object.required.get(name.value) ?? []));
    const own = requiredBy(fields);
    const others = requiredBy(
      parts.filter((each) => each.object === object).flatMap((each) => [...each.fields]),
    );
    const fragments = requires.filter(
      (each) => each.kind === 'InlineFragment' && each.typeCondition !== undefined,
    ) as Extract<QueryPlanSelectionNode, { kind: 'InlineFragment' }>[];
    const fragmentOf = (typeCondition: string, selections: readonly QueryPlanSelectionNode[]) => ({
      kind: 'InlineFragment' as const,
      typeCondition,
      // A key that others require is not the only one, or composition would have refused it.
      selections: without(merged(selections), others, own),
    });
    const all = types
      ? [...types].map((type) =>
          fragmentOf(
            type,
            fragments
              .filter((each) => this.#possible(each.typeCondition ?? '').has(type))
              .flatMap((each) => each.selections),
          ),
        )
      : fragments.map((each) => fragmentOf(each.typeCondition ?? '', each.selections));
    return all.filter((each) =>
      each.selections.some((one) => one.kind !== 'Field' || one.name !== '__typename'),
    );
  }

  #possible(name: string): ReadonlySet<string> {
    const type = this.#schema.getType(name);
    return type ? possibleTypes(this.#schema, type) : new Set();
  }
}

/** Returns whether some subgraph of a composed supergraph has a type as an interface object. */
export const hasInterfaceObjects = ({ definitions }: DocumentNode): boolean =>
  definitions.some(
    (each) =>
      each.kind === Kind.INTERFACE_TYPE_DEFINITION &&
      each.directives?.some((directive) => argumentsOf(directive).isInterfaceObject === true),
  );

const interfaceObjectsOf = (subgraph: Schema): ReadonlyMap<string, InterfaceObject> => {
  const metadata = federationMetadata(subgraph);
  const found = new Map<string, InterfaceObject>();
  for (const type of metadata ? subgraph.objectTypes() : []) {
    if (!metadata?.isInterfaceObjectType(type)) continue;
    const required = new Map<string, FieldNames>();
    for (const field of type.fields())
      for (const each of field.appliedDirectivesOf(metadata.requiresDirective()))
        required.set(field.name, namesIn(String(each.arguments().fields)));
    found.set(type.name, { name: type.name, required });
  }
  return found;
};

/** Returns a plan with each of its fetches replaced; the path leads to the place of its result. */
const eachFetch = (
  node: PlanNode,
  path: ResponsePath,
  replaced: (fetch: FetchNode, path: ResponsePath) => PlanNode,
): PlanNode => {
  switch (node.kind) {
    case 'Fetch':
      return replaced(node, path);
    case 'Flatten':
      return { ...node, node: eachFetch(node.node, [...path, ...node.path], replaced) };
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((each) => eachFetch(each, path, replaced)) };
    default:
      return node;
  }
};

/** The fetch with one part of its fields alone. */
const fetchOf = (
  { fields }: Part,
  parts: readonly Part[],
  fetch: FetchNode,
  document: DocumentNode,
  requires: QueryPlanSelectionNode[],
): FetchNode => {
  const others = new Set<unknown>(
    parts.flatMap((each) => [...each.fields]).filter((each) => !fields.has(each)),
  );
  const { query, variables } = withUsedVariables(
    visit(document, {
      Field: (field) => (others.has(field) ? null : undefined),
      InlineFragment: {
        leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined),
      },
    }),
  );
  const used = fetch.variableUsages?.filter((each) => variables.has(each));
  return {
    ...fetch,
    operation: stripIgnoredCharacters(query),
    requires,
    ...(used && { variableUsages: used }),
  };
};
