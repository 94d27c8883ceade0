import type { GraphQLDataSource } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { Logger } from '@rookery/runtime';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ExecutionContext } from './context.ts';
import type { Data } from './data.ts';
import { type Asker, noOverrides, type OverrideDecisions, type Overrides } from './overrides.ts';
import { planKey } from './plan-key.ts';
import { PreparedOperation, type PrepareOptions, type Variant } from './prepared.ts';
import { dropReadBackErrors } from './read-back.ts';
import { type PlanRun, runPlan } from './run-plan.ts';
import type { SafeOperation } from './safe-names.ts';

/** Request that Apollo Server passes to an executor. */
type ExecutorRequest = Parameters<
  NonNullable<
    Awaited<ReturnType<ApolloServerOptionsWithGateway<ExecutionContext>['gateway']['load']>>['executor']
  >
>[0];

export interface ExecutionResult {
  data?: Data | null;
  errors?: readonly GraphQLError[];
}

export interface ExecutorOptions extends PrepareOptions {
  readonly supergraphSchema: GraphQLSchema;
  readonly services: ReadonlyMap<string, GraphQLDataSource>;
  /** Undefined: the supergraph has none. */
  readonly overrides?: OverrideDecisions;
  readonly onPlan?: (cached: boolean) => void;
  readonly log: Logger;
}

/** One run of an operation; its plan is the variant's own, or what is left of that for one event. */
export interface Run extends Pick<PlanRun, 'context' | 'request' | 'services'> {
  readonly variant: Variant;
  readonly plan: QueryPlan;
  /** The client's, as they came. */
  readonly variables: Readonly<Data>;
}

/** Number of operations that are cached. */
const cacheSize = 2_000;

/**
 * Executes operations with the plans of Apollo. Apollo's own executor derives per request what depends on the
 * operation alone (such as its types, field by field); this one does so once per operation.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #prepared = new LRUCache<string, PreparedOperation>({ max: cacheSize });

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** A query or mutation. */
  readonly execute = async (request: ExecutorRequest): Promise<ExecutionResult> => {
    const { document, queryHash } = request;
    const { operationName, variables = {} } = request.request;
    const key = planKey(queryHash, operationName);
    const prepared = this.#prepared.get(key) ?? this.#remember(key, document, operationName);
    const { variableDefinitions } = prepared.operation;
    const { errors, coerced = {} } = variableDefinitions?.length
      ? getVariableValues(this.#options.schema, variableDefinitions, variables)
      : { errors: undefined, coerced: {} };
    if (errors) return { errors };
    let variant: Variant;
    try {
      const overrides = this.overridesOf(request.context as ExecutionContext);
      this.#options.onPlan?.(prepared.has(coerced, overrides));
      variant = prepared.variant(coerced, overrides);
    } catch (error) {
      // A condition at the root that is null, say.
      if (error instanceof GraphQLError) return { data: null, errors: [error] };
      throw error;
    }
    const context = request.context as ExecutionContext;
    const { services } = this.#options;
    return this.run({ variant, plan: variant.plan, services, variables, context, request });
  };

  /** Plans an operation beforehand, in the ways in which an executor before this one was asked for it. */
  warm(
    key: string,
    document: DocumentNode,
    operationName: string | undefined,
    before: Pick<Executor, 'met'> | undefined,
  ): void {
    const prepared = this.#remember(key, document, operationName);
    for (const coerced of before?.met(key) ?? [{}])
      for (const overrides of this.#options.overrides?.all ?? [noOverrides])
        prepared.variant(coerced, overrides);
  }

  /** Returns the decisions of progressive overrides for a caller. */
  overridesOf(asker: Asker): Overrides {
    return this.#options.overrides?.of(asker) ?? noOverrides;
  }

  /** In which ways its conditions have been decided, of an operation that was run. */
  met(key: string): readonly Readonly<Data>[] | undefined {
    return this.#prepared.peek(key)?.met;
  }

  #remember(key: string, document: DocumentNode, operationName: string | undefined): PreparedOperation {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new Error('no operation');
    const prepared = this.prepare(document, operation);
    this.#prepared.set(key, prepared);
    return prepared;
  }

  /**
   * An operation of any kind, remembered by nobody.
   * @param names those of an operation of which this one is a part
   */
  prepare(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    names?: SafeOperation,
  ): PreparedOperation {
    return new PreparedOperation(document, operation, this.#options, names);
  }

  async run({ variant: { names, shape, readBacks }, variables, ...rest }: Run): Promise<ExecutionResult> {
    const { supergraphSchema, log } = this.#options;
    const { data: fetched, errors } = await runPlan(rest.plan, {
      ...rest,
      supergraphSchema,
      variables: names.variables(variables),
      clientNames: names.clientNames,
    });
    const { data, refused, ...found } = shape(fetched, variables);
    const told = [...errors, ...untold(found.lost, errors)];
    const missing = untold(found.errors, told);
    if (!readBacks) return answerOf(data, [...told, ...missing, ...refused]);
    const kept = dropReadBackErrors(readBacks, { data, errors: told, missing });
    const { answer, requestId } = rest.context;
    if (kept.isStale) {
      answer.stale = true;
      const [error] = kept.dropped;
      log.warn({ error, errors: kept.dropped.length, requestId }, 'could not read back what was accepted');
    }
    return answerOf(data, [...kept.errors, ...kept.missing, ...refused]);
  }
}

const answerOf = (data: Data | null, errors: readonly GraphQLError[]): ExecutionResult =>
  errors.length > 0 ? { errors, data } : { data };

/** Returns the errors whose place no known error tells of: one at the same place, or at one below it. */
const untold = (found: readonly GraphQLError[], known: readonly GraphQLError[]): readonly GraphQLError[] => {
  if (found.length === 0 || known.length === 0) return found;
  const told = new Set<string>();
  for (const { path = [] } of known)
    for (let length = path.length; length > 0; length--) told.add(JSON.stringify(path.slice(0, length)));
  return found.filter(({ path }) => !told.has(JSON.stringify(path)));
};
