import type { QueryPlan } from '@apollo/query-planner';
import type { Logger } from '@rookery/runtime';
import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Data } from './data.ts';
import type { FetchFrom } from './fetch.ts';
import { OperationPlans, type PlanningOptions, type Variant } from './operation-plans.ts';
import { type Asker, noOverrides, type OverrideDecisions, type Overrides } from './overrides.ts';
import { dropReadBackErrors } from './read-back.ts';
import { runPlan } from './run-plan.ts';
import type { SafeOperation } from './safe-names.ts';

export interface ExecutionResult {
  readonly data: Data | null;
  readonly errors: readonly GraphQLError[];
  /** True if the answer may be older than a write that it must reflect. */
  readonly isStale: boolean;
}

export interface ExecutorOptions extends PlanningOptions {
  readonly supergraphSchema: GraphQLSchema;
  /** Undefined: the supergraph has none. */
  readonly overrides?: OverrideDecisions;
  readonly onPlan?: (cached: boolean) => void;
  readonly log: Logger;
}

/** One run of an operation; its plan is the variant's own, or what is left of that for one event. */
interface Run {
  readonly variant: Variant;
  readonly plan: QueryPlan;
  /** The client's, as they came. */
  readonly variables: Readonly<Data>;
  /** Activities of the client that every answer must reflect. */
  readonly readAfter: readonly string[];
  readonly fetch: FetchFrom;
  /** For the log. */
  readonly requestId: string;
}

/**
 * Executes operations with the plans of Apollo. Apollo's own executor derives per request what depends on the
 * operation alone (such as its types, field by field); this one does so once per operation.
 */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Returns the plans of an operation of any kind; the caller keeps them.
   * @param names those of an operation of which this one is a part
   */
  plansOf(document: DocumentNode, operation: OperationDefinitionNode, names?: SafeOperation): OperationPlans {
    return new OperationPlans(document, operation, this.#options, names);
  }

  /** Plans an operation beforehand, in the ways in which the plans before these were asked for. */
  warm(plans: OperationPlans, before: OperationPlans | undefined): void {
    const met = before?.met ?? [];
    for (const coerced of met.length > 0 ? met : [{}])
      for (const overrides of this.#options.overrides?.all ?? [noOverrides])
        plans.variant(coerced, overrides);
  }

  /** Returns the decisions of progressive overrides for a caller. */
  overridesOf(asker: Asker): Overrides {
    return this.#options.overrides?.of(asker) ?? noOverrides;
  }

  /**
   * Returns the way in which an operation is run, or the reason why it cannot be: a condition at the root that is null, say.
   * @param coerced the variables with defaults filled in
   * @param overrides decisions of progressive overrides for the caller
   */
  variantOf(plans: OperationPlans, coerced: Readonly<Data>, overrides: Overrides): Variant | GraphQLError {
    try {
      this.#options.onPlan?.(plans.has(coerced, overrides));
      return plans.variant(coerced, overrides);
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }

  /** Runs a plan of a variant, and shapes its data. */
  async run({ variant, plan, variables, ...options }: Run): Promise<ExecutionResult> {
    const { supergraphSchema, log } = this.#options;
    const { names, shape, readBacks } = variant;
    const {
      data: fetched,
      errors,
      isStale,
    } = await runPlan(plan, {
      fetch: options.fetch,
      readAfter: options.readAfter,
      supergraphSchema,
      variables: names.variables(variables),
      clientNames: names.clientNames,
    });
    const { data, refused, ...found } = shape(fetched, variables);
    const told = [...errors, ...untold(found.lost, errors)];
    const missing = untold(found.errors, told);
    if (!readBacks) return { data, errors: [...told, ...missing, ...refused], isStale };
    const kept = dropReadBackErrors(readBacks, { data, errors: told, missing });
    if (kept.isStale) {
      const [error] = kept.dropped;
      const { requestId } = options;
      log.warn({ error, errors: kept.dropped.length, requestId }, 'could not read back what was accepted');
    }
    const all = [...kept.errors, ...kept.missing, ...refused];
    return { data, errors: all, isStale: isStale || kept.isStale };
  }
}

/** Returns the errors whose place no known error tells of: one at the same place, or at one below it. */
const untold = (found: readonly GraphQLError[], known: readonly GraphQLError[]): readonly GraphQLError[] => {
  if (found.length === 0 || known.length === 0) return found;
  const told = new Set<string>();
  for (const { path = [] } of known)
    for (let length = path.length; length > 0; length--) told.add(JSON.stringify(path.slice(0, length)));
  return found.filter(({ path }) => !told.has(JSON.stringify(path)));
};
