import type { QueryPlan } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { checkRoot, conditionsIn, decided } from './conditions.ts';
import type { Data } from './data.ts';
import { introspection } from './introspect.ts';
import { noOverrides, type Overrides } from './overrides.ts';
import type { Planner } from './planner.ts';
import type { ReachableFields } from './reachable.ts';
import { findReadBacks, type ReadBackRules, type ReadBackTree } from './read-back.ts';
import { createResponseShaper, type ResponseShaper } from './response-shaper.ts';
import { type SafeOperation, safeOperation } from './safe-names.ts';
import type { TakenNames } from './taken-names.ts';

export interface PlanningOptions {
  /** Schema as seen by clients. */
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  readonly reachable: ReachableFields;
  readonly takenNames: TakenNames;
  readonly readBackRules: ReadBackRules;
}

/** An operation with its @skip and @include decided: what to fetch, and how that becomes the answer. */
export interface Variant {
  readonly plan: QueryPlan;
  readonly shape: ResponseShaper;
  readonly names: SafeOperation;
  readonly readBacks: ReadBackTree | undefined;
}

/** Number of combinations of condition values that are cached. */
const cacheSize = 64;

/**
 * The plans of one operation, with everything of them that depends on its text alone. Each combination of condition
 * values is planned separately: a common plan would fetch fields of several conditions together, and lose all of them
 * if one is skipped.
 */
export class OperationPlans {
  readonly operation: OperationDefinitionNode;
  readonly names: SafeOperation;
  readonly #readBacks: ReadBackTree | undefined;
  readonly #options: PlanningOptions;
  readonly #document: DocumentNode;
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly #conditions: readonly string[];
  readonly #variants = new LRUCache<string, Variant>({ max: cacheSize });

  constructor(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    options: PlanningOptions,
    names?: SafeOperation,
  ) {
    this.operation = operation;
    this.#options = options;
    this.#document = document;
    this.#fragments = fragmentsOf(document);
    this.#conditions = conditionsIn(document);
    this.names = safeOperation(document, options.takenNames, names?.naming);
    this.#readBacks = findReadBacks(options.schema, options.readBackRules, operation, this.#fragments);
  }

  /** The values of the conditions that have been met, as `variant` takes them. */
  get met(): Data[] {
    return [...this.#variants.keys()].map((key) =>
      Object.fromEntries(this.#conditions.map((name, at) => [name, values[Number(key[at])]])),
    );
  }

  has(coerced: Readonly<Data>, overrides: Overrides = noOverrides): boolean {
    return this.#variants.has(this.#key(coerced, overrides));
  }

  /**
   * @param coerced variables with defaults applied; only those of conditions are needed
   * @throws RookeryError BAD_USER_INPUT if a condition at the root is null
   * @throws GraphQLError if a field cannot be fetched
   */
  variant(coerced: Readonly<Data>, overrides: Overrides = noOverrides): Variant {
    const key = this.#key(coerced, overrides);
    const known = this.#variants.get(key);
    if (known) return known;
    checkRoot(this.operation.selectionSet, this.#fragments, coerced);
    const made = {
      plan: this.#plan(coerced, overrides),
      shape: this.#shape(coerced),
      names: this.names,
      readBacks: this.#readBacks,
    };
    this.#variants.set(key, made);
    return made;
  }

  /** The digits of the conditions come first: `met` reads them. */
  #key(coerced: Readonly<Data>, { key }: Overrides): string {
    if (this.#conditions.length === 0) return key;
    return `${this.#conditions.map((name) => values.indexOf(coerced[name] ?? null)).join('')} ${key}`;
  }

  #plan(coerced: Readonly<Data>, overrides: Overrides): QueryPlan {
    const document = decided(this.names.document, this.names.variables(coerced));
    const { planner, reachable } = this.#options;
    const name = this.operation.name?.value;
    const plan = planner.plan(document, name, overrides);
    const { clientNames } = this.names;
    reachable.check(plan, document, name, (key) => clientNames.get(key) ?? key);
    return plan;
  }

  #shape(coerced: Readonly<Data>): ResponseShaper {
    const { schema } = this.#options;
    return createResponseShaper({
      schema,
      operation: this.operation,
      fragments: this.#fragments,
      variables: coerced,
      sourceOf: this.names.sourceOf,
      introspect: introspection(schema, this.#document, this.operation),
    });
  }
}

const values: readonly unknown[] = [false, true, null];

const fragmentsOf = (document: DocumentNode): Readonly<Record<string, FragmentDefinitionNode>> => {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  return fragments;
};
