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
  parse,
} from 'graphql';
import { type Data, isData } from './data.ts';
import { follow, placesOf } from './data-paths.ts';
import { type FetchFrom, type SubgraphAnswer, usedVariables } from './fetch.ts';
import { fetchedKeys } from './fetched-keys.ts';
import { LostValue, lostType } from './lost-value.ts';
import { fillIn, merge } from './merge.ts';
import { pick } from './representation.ts';
import { isOfType, rewrite } from './rewrites.ts';

export interface PlanRun {
  readonly fetch: FetchFrom;
  /** Activities that every answer must reflect. */
  readonly readAfter: readonly string[];
  /** With everything that clients don't see. */
  readonly supergraphSchema: GraphQLSchema;
  /** As the client sent them: what a default fills in, a subgraph fills in. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client's response names, by those under which their fields are fetched instead. */
  readonly clientNames: ReadonlyMap<string, string>;
}

/** Fetched data, which may exceed the selection, and the errors of fetching. */
export interface Fetched {
  readonly data: Data;
  readonly errors: readonly GraphQLError[];
  /** True if some answer may be older than a write that it must reflect. */
  readonly isStale: boolean;
}

/** A value in the data, with its path. */
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
  isStale = false;
  readonly #run: PlanRun;
  /** Grows while the mutations of the operation are accepted. */
  #readAfter: readonly string[];

  constructor(run: PlanRun) {
    this.#run = run;
    this.#readAfter = run.readAfter;
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
        return this.#fetch(node, cursor);
      case 'Condition':
        throw new Error('conditions are decided before it is planned');
      case 'Defer':
        throw new Error('@defer is not supported');
    }
  }

  async #fetch(node: FetchNode, cursor: Cursor): Promise<void> {
    const entities = (Array.isArray(cursor.data) ? cursor.data : [cursor.data]).filter(isData);
    if (entities.length === 0) return;
    const variables = usedVariables(node, this.#run.variables);
    if (node.requires) return this.#fetchEntities(node, node.requires, cursor, entities, variables);
    const { data, cause } = await this.#send(node, variables, (path) => [...cursor.path, ...path]);
    if (!data) {
      for (const entity of entities) this.#lose(node, entity, cause());
      return;
    }
    rewrite(this.#run.supergraphSchema, node.outputRewrites, data);
    for (const entity of entities) merge(entity, data);
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
      const missing: (LostValue | undefined)[] = [];
      const representation = pick(supergraphSchema, entity, requires, missing);
      if (!representation?.__typename) {
        if (missing.length > 0) this.#lose(node, entity, missing[0]?.cause ?? notFetched(node));
        return;
      }
      rewrite(supergraphSchema, node.inputRewrites, representation);
      representations.push(representation);
      asked.push({ entity, at });
    });
    if (representations.length === 0) return;
    let places: (string | number)[][] | undefined;
    const answer = await this.#send(node, { ...variables, representations }, (path) => {
      const [, index, ...below] = path;
      const place = typeof index === 'number' ? asked[index]?.at : undefined;
      if (place === undefined) return undefined;
      places ??= placesOf(cursor.path, this.data);
      const found = places[place];
      return found && [...found, ...below];
    });
    const received = answer.data?._entities;
    if (!Array.isArray(received) || received.length !== representations.length) {
      for (const { entity } of asked) this.#lose(node, entity, answer.cause());
      return;
    }
    asked.forEach(({ entity }, i) => {
      const part: unknown = received[i];
      if (!isData(part)) {
        const error = answer.errors.find(({ path }) => path?.[1] === i);
        if (error || part !== null) this.#lose(node, entity, error ? shown(error, node) : answer.cause());
        else this.#answerNull(node, entity);
        return;
      }
      // Rewrites look at it. A subgraph that knows an interface object alone takes back nothing that is known better.
      if (!part.__typename || isLessOf(supergraphSchema, part.__typename, entity.__typename))
        part.__typename = entity.__typename;
      rewrite(supergraphSchema, node.outputRewrites, part);
      merge(entity, part);
    });
  }

  /** Marks what a fetch would have brought for an object as lost. */
  #lose(node: FetchNode, entity: Data, cause: GraphQLError): void {
    const lost = new LostValue(cause);
    if (this.#fill(node, entity, lost)) (entity as { [lostType]?: LostValue })[lostType] = lost;
  }

  /** The subgraph does not know the entity: all its selected fields are null. */
  #answerNull(node: FetchNode, entity: Data): void {
    this.#fill(node, entity, null);
  }

  #fill(node: FetchNode, entity: Data, value: LostValue | null): boolean {
    const { supergraphSchema } = this.#run;
    const document = node.operationDocumentNode ?? parse(node.operation, { noLocation: true });
    const { keys, typename } = fetchedKeys(document, (condition) =>
      isOfType(supergraphSchema, entity, condition, true),
    );
    const part: Data = Object.create(null);
    if (entity.__typename) part.__typename = entity.__typename;
    for (const key of keys) part[key] = value;
    rewrite(supergraphSchema, node.outputRewrites, part);
    fillIn(entity, part);
    return typename;
  }

  /** Never rejects. @param place finds an error's place in the whole answer; undefined if it has none */
  async #send(node: FetchNode, variables: Data, place: ToResponsePath): Promise<Sent> {
    let answer: SubgraphAnswer;
    try {
      answer = await this.#ask(node, variables);
    } catch (error) {
      const cause = error instanceof GraphQLError ? error : wrapped(error);
      return { data: undefined, errors: [], cause: () => cause };
    }
    const { errors = [] } = answer;
    const data = isData(answer.data) ? answer.data : undefined;
    return { data, errors, cause: this.#reportErrors(node, data, errors, place) };
  }

  async #ask({ serviceName, operation, operationName }: FetchNode, variables: Data): Promise<SubgraphAnswer> {
    const fetch = { query: operation, operationName, variables, readAfter: this.#readAfter };
    const answer = await this.#run.fetch(serviceName, fetch);
    if (answer.isStale) this.isStale = true;
    if (answer.readAfter?.length) this.#readAfter = [...this.#readAfter, ...answer.readAfter];
    return answer;
  }

  /** Adds a subgraph's errors to those of the answer. Returns a function that tells why fields are missing. */
  #reportErrors(
    node: FetchNode,
    data: Data | undefined,
    errors: readonly GraphQLFormattedError[],
    place: ToResponsePath,
  ): () => GraphQLError {
    let unplaced: GraphQLFormattedError | undefined;
    for (const error of errors) {
      const at = error.path && place(error.path);
      // If a whole response is lost, each lost field has its own error.
      if (!at) unplaced ??= error;
      if (at || (data && (node.requires === undefined || data._entities)))
        this.errors.push(shown(error, node, at && this.#clientsPath(at, node)));
    }
    const why = unplaced ?? errors[0];
    return () => (why ? shown(why, node) : notFetched(node));
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

type ToResponsePath = (path: readonly (string | number)[]) => (string | number)[] | undefined;

/** Result of one fetch. */
interface Sent {
  /** Undefined if there is none. */
  readonly data: Data | undefined;
  /** As the subgraph reported them. */
  readonly errors: readonly GraphQLFormattedError[];
  /** Tells why fields are missing. The error is created on demand, because it captures its stack. */
  readonly cause: () => GraphQLError;
}

/** Returns whether one is an interface and the other an object type. */
const isLessOf = (schema: GraphQLSchema, told: unknown, known: unknown): boolean =>
  told !== known &&
  isInterfaceType(schema.getType(String(told))) &&
  isObjectType(schema.getType(String(known)));

const wrapped = (error: unknown): GraphQLError =>
  new GraphQLError('A fetch failed.', {
    originalError: error instanceof Error ? error : new Error(String(error)),
  });

const notFetched = ({ serviceName }: FetchNode): GraphQLError =>
  new GraphQLError(`${serviceName} did not answer.`);

/** A subgraph's error as the client sees it. */
const shown = (
  error: GraphQLFormattedError,
  { serviceName }: FetchNode,
  path?: (string | number)[],
): GraphQLError =>
  new GraphQLError(error.message, {
    path: path ?? null,
    originalError: error as unknown as Error,
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...error.extensions, serviceName },
  });
