import type { QueryPlan } from '@apollo/query-planner';
import { badInput } from '@rookery/service';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { conditionsIn, decided } from './conditions.ts';
import type { Data } from './data.ts';
import { introspection } from './introspect.ts';
import type { Planner } from './planner.ts';
import { type SafeOperation, safeOperation } from './safe-names.ts';
import { compileShape, type Shape } from './shape.ts';
import type { TakenNames } from './taken-names.ts';

export interface PrepareOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly planner: Planner;
  readonly takenNames: TakenNames;
}

/** An operation with its @skip and @include decided: what to fetch, and how that becomes the answer. */
export interface Variant {
  readonly plan: QueryPlan;
  readonly shape: Shape;
  readonly names: SafeOperation;
}

/** Of the values that conditions have, these many ways are remembered. */
const remembered = 64;

/**
 * An operation that can be run again: all that depends on its text alone. Where it has conditions, each way that they
 * can be decided is planned by itself: a plan for all of them fetches together what belongs to one with what does not,
 * and then lacks, for all of it, what was left out.
 */
export class PreparedOperation {
  readonly operation: OperationDefinitionNode;
  readonly names: SafeOperation;
  readonly #options: PrepareOptions;
  readonly #document: DocumentNode;
  readonly #conditions: readonly string[];
  readonly #variants = new LRUCache<string, Variant>({ max: remembered });

  constructor(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    options: PrepareOptions,
    names?: SafeOperation,
  ) {
    this.operation = operation;
    this.#options = options;
    this.#document = document;
    this.#conditions = conditionsIn(document);
    this.names = safeOperation(document, options.takenNames, names?.naming);
  }

  /** The values of the conditions that have been met, as `variant` takes them. */
  get met(): Data[] {
    return [...this.#variants.keys()].map((key) =>
      Object.fromEntries(this.#conditions.map((name, at) => [name, key[at] === '1'])),
    );
  }

  has(coerced: Readonly<Data>): boolean {
    return this.#variants.has(this.#key(coerced));
  }

  /** @param coerced the variables, with defaults filled in; of those that are no conditions none is needed */
  variant(coerced: Readonly<Data>): Variant {
    const key = this.#key(coerced);
    const known = this.#variants.get(key);
    if (known) return known;
    const made = { plan: this.#plan(coerced), shape: this.#shape(coerced), names: this.names };
    this.#variants.set(key, made);
    return made;
  }

  #key(coerced: Readonly<Data>): string {
    return this.#conditions.length === 0
      ? ''
      : this.#conditions.map((name) => (holds(coerced[name], name) ? '1' : '0')).join('');
  }

  #plan(coerced: Readonly<Data>): QueryPlan {
    const document = decided(this.names.document, this.names.variables(coerced));
    return this.#options.planner.plan(document, this.operation.name?.value);
  }

  #shape(coerced: Readonly<Data>): Shape {
    const { schema } = this.#options;
    return compileShape({
      schema,
      operation: this.operation,
      fragments: fragmentsOf(this.#document),
      variables: coerced,
      sourceOf: this.names.sourceOf,
      introspect: introspection(schema, this.#document, this.operation),
    });
  }
}

/** A variable with a default may be null all the same: only here that is an error. */
const holds = (value: unknown, variable: string): boolean => {
  if (value === null) throw badInput(variable, 'A condition can not be null.');
  return value === true;
};

const fragmentsOf = (document: DocumentNode): Readonly<Record<string, FragmentDefinitionNode>> => {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  return fragments;
};
