import type { GraphQLDataSource } from '@apollo/gateway';
import type {
  FetchNode,
  PlanNode,
  QueryPlan,
  QueryPlanSelectionNode,
  ResponsePath,
} from '@apollo/query-planner';
import {
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { OperationContext } from '../context.ts';
import type { Data } from './data.ts';
import { merge } from './merge.ts';
import { isOfType, rewrite } from './rewrites.ts';

export interface PlanRun {
  readonly services: ReadonlyMap<string, GraphQLDataSource>;
  /** With everything that clients don't see. */
  readonly supergraphSchema: GraphQLSchema;
  /** As the client sent them: what a default fills in, a subgraph fills in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: OperationContext;
  /** What Apollo knows of the request: data sources are promised it. */
  readonly request: object;
  /** The client's response names, by those under which their fields are fetched instead. */
  readonly clientNames: ReadonlyMap<string, string>;
}

/** What was fetched, more than was asked for, and what went wrong on the way. */
export interface Fetched {
  readonly data: Data;
  readonly errors: readonly GraphQLError[];
}

/** A place in the data: what stands there, and how it is reached. */
interface Cursor {
  readonly path: ResponsePath;
  readonly data: unknown;
}

/** Runs a query plan: its fetches in their order, each one's answer merged into the data. */
export const runPlan = async ({ node }: QueryPlan, run: PlanRun): Promise<Fetched> => {
  if (node?.kind === 'Subscription') throw new Error('a subscription is not run as a whole');
  const fetching = new Fetching(run);
  if (node) await fetching.run(node, { path: [], data: fetching.data });
  return fetching;
};

class Fetching implements Fetched {
  readonly data: Data = {};
  readonly errors: GraphQLError[] = [];
  readonly #run: PlanRun;

  constructor(run: PlanRun) {
    this.#run = run;
  }

  async run(node: PlanNode, cursor: Cursor): Promise<void> {
    switch (node.kind) {
      case 'Sequence':
        for (const each of node.nodes) await this.run(each, cursor);
        return;
      case 'Parallel':
        await Promise.all(node.nodes.map((each) => this.run(each, cursor)));
        return;
      case 'Flatten': {
        const data = follow(cursor.data, node.path, 0);
        if (data) await this.run(node.node, { path: [...cursor.path, ...node.path], data });
        return;
      }
      case 'Fetch':
        try {
          await this.#fetch(node, cursor);
        } catch (error) {
          this.errors.push(error instanceof GraphQLError ? error : wrapped(error));
        }
        return;
      case 'Condition':
        throw new Error('conditions are decided before it is planned');
      case 'Defer':
        throw new Error('@defer is not supported');
    }
  }

  async #fetch(node: FetchNode, cursor: Cursor): Promise<void> {
    const entities = (Array.isArray(cursor.data) ? cursor.data : [cursor.data]).filter(isThere);
    if (entities.length === 0) return;
    const variables = this.#variables(node);
    if (node.requires) return this.#fetchEntities(node, node.requires, cursor, entities, variables);
    const answer = await this.#send(node, cursor, variables, (path) => [...cursor.path, ...path]);
    rewrite(this.#run.supergraphSchema, node.outputRewrites, answer);
    for (const entity of entities) merge(entity, answer);
  }

  async #fetchEntities(
    node: FetchNode,
    requires: readonly QueryPlanSelectionNode[],
    cursor: Cursor,
    entities: readonly Data[],
    variables: Data,
  ): Promise<void> {
    const { supergraphSchema } = this.#run;
    const asked: { readonly entity: Data; readonly at: number }[] = [];
    const representations: Data[] = [];
    entities.forEach((entity, at) => {
      const representation = pick(supergraphSchema, entity, requires);
      if (!representation?.__typename) return;
      rewrite(supergraphSchema, node.inputRewrites, representation);
      representations.push(representation);
      asked.push({ entity, at });
    });
    if (representations.length === 0) return;
    let places: (string | number)[][] | undefined;
    const answer = await this.#send(node, cursor, { ...variables, representations }, (path) => {
      const [root, index, ...below] = path;
      const place = typeof index === 'number' ? asked[index]?.at : undefined;
      if (place === undefined) return [...cursor.path, root ?? ''];
      places ??= placesOf(cursor.path, this.data);
      return [...(places[place] ?? []), ...below];
    });
    if (!answer) return;
    const received = answer._entities;
    if (!Array.isArray(received) || received.length !== representations.length)
      throw new Error(`${node.serviceName} did not answer for ${representations.length} entities`);
    asked.forEach(({ entity }, i) => {
      const part = received[i] as Data | null;
      if (!part) return;
      // Rewrites look at it. A subgraph that knows an interface object alone takes back nothing that is known better.
      if (!part.__typename || isLessOf(supergraphSchema, part.__typename, entity.__typename))
        part.__typename = entity.__typename;
      rewrite(supergraphSchema, node.outputRewrites, part);
      merge(entity, part);
    });
  }

  #variables({ variableUsages = [] }: FetchNode): Data {
    const { variables } = this.#run;
    const used: Data = Object.create(null);
    for (const name of variableUsages)
      if (Object.hasOwn(variables, name) && variables[name] !== undefined) used[name] = variables[name];
    return used;
  }

  async #send(
    node: FetchNode,
    { path }: Cursor,
    variables: Data,
    place: (path: readonly (string | number)[]) => (string | number)[],
  ): Promise<Data | null | undefined> {
    const { services, context, request } = this.#run;
    const service = services.get(node.serviceName);
    if (!service) throw new Error(`there is no subgraph ${node.serviceName}`);
    const { data, errors } = await service.process({
      kind: 'incoming operation',
      request: { query: node.operation, variables, operationName: node.operationName },
      incomingRequestContext: request,
      context,
      document: node.operationDocumentNode,
      pathInIncomingRequest: path,
    } as Parameters<GraphQLDataSource['process']>[0]);
    const clients = (path: readonly (string | number)[]) => this.#clientsPath(place(path), node);
    for (const error of errors ?? []) this.errors.push(subgraphError(error, node.serviceName, clients));
    return data as Data | null | undefined;
  }

  /** A place under the names that the client has given, instead of those that were asked for. */
  #clientsPath(path: (string | number)[], { outputRewrites = [] }: FetchNode): (string | number)[] {
    const { clientNames } = this.#run;
    if (clientNames.size === 0 && outputRewrites.length === 0) return path;
    const planned = new Map<string | number, string>();
    for (const each of outputRewrites)
      if (each.kind === 'KeyRenamer') planned.set(each.path.at(-1) ?? '', each.renameKeyTo);
    return path.map((step) => {
      const name = planned.get(step) ?? step;
      return typeof name === 'string' ? (clientNames.get(name) ?? name) : name;
    });
  }
}

/** Whether the one names an interface and the other an object type. */
const isLessOf = (schema: GraphQLSchema, told: unknown, known: unknown): boolean =>
  told !== known &&
  isInterfaceType(schema.getType(String(told))) &&
  isObjectType(schema.getType(String(known)));

const isThere = (value: unknown): value is Data => value !== null && value !== undefined;

const wrapped = (error: unknown): GraphQLError =>
  new GraphQLError('A fetch failed.', {
    originalError: error instanceof Error ? error : new Error(String(error)),
  });

/** An error as the client is to see it, at the place in the whole answer. */
const subgraphError = (
  error: GraphQLFormattedError,
  serviceName: string,
  place: (path: readonly (string | number)[]) => (string | number)[],
): GraphQLError =>
  new GraphQLError(error.message, {
    path: error.path ? place(error.path) : null,
    originalError: error as unknown as Error,
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...error.extensions, serviceName },
  });

/** What stands at the path; `@` goes into every item of a list, and all that is found is one list then. */
const follow = (value: unknown, path: ResponsePath, from: number): unknown => {
  for (let i = from; i < path.length; i++) {
    if (value === undefined || value === null) return value;
    const step = path[i] ?? '';
    if (step === '@') {
      if (!Array.isArray(value)) throw new Error(`no list at ${path.slice(0, i).join('.')}`);
      if (i === path.length - 1) return value.flat();
      return value.flatMap((item) => follow(item, path, i + 1));
    }
    if (Array.isArray(value)) throw new Error(`a list at ${path.slice(0, i).join('.')}`);
    value = Object.hasOwn(value, step) ? (value as Data)[step] : undefined;
  }
  return value;
};

/** Where everything is that a plan's path leads to, in the order in which `follow` finds it. */
const placesOf = (path: ResponsePath, data: unknown): (string | number)[][] => {
  const places: (string | number)[][] = [];
  const walk = (value: unknown, at: number, place: readonly (string | number)[]): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      value.forEach((item, i) => {
        walk(item, next, [...place, i]);
      });
      return;
    }
    const step = path[at];
    if (step === undefined) places.push([...place]);
    else if (Object.hasOwn(value, step)) walk((value as Data)[step], at + 1, [...place, step]);
  };
  walk(data, 0, []);
  return places;
};

/** The part of an entity by which its subgraph knows it; null where some of that is missing. */
const pick = (
  schema: GraphQLSchema,
  source: Data | null,
  selections: readonly QueryPlanSelectionNode[],
): Data | null => {
  if (source === null) return null;
  const picked: Data = {};
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      if (selection.typeCondition && isOfType(schema, source, selection.typeCondition))
        merge(picked, pick(schema, source, selection.selections));
      continue;
    }
    const key = selection.alias ?? selection.name;
    const value = Object.hasOwn(source, key) ? source[key] : undefined;
    if (value === undefined) return null;
    const inner = selection.selections;
    if (!inner) picked[key] = value;
    else if (Array.isArray(value)) picked[key] = value.map((item) => pick(schema, item, inner));
    else picked[key] = pick(schema, value as Data | null, inner);
  }
  return picked;
};
