import type { OperationPlans } from '@rookery/federation-executor';
import type { DocumentNode, FormattedExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Prepared } from '../pipeline/prepared.ts';
import type { Filtered } from './filter.ts';
import type { Requirement } from './rules.ts';

/** Returns an answer with the denied fields, which were not fetched: see `restore`. */
export type Restore = (answer: FormattedExecutionResult) => FormattedExecutionResult;

/** Permitted part of an operation. */
export interface Permitted {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Equal for equal parts of one document. */
  readonly hash: string;
  readonly plans: OperationPlans;
  /** Undefined if nothing is denied. */
  readonly restore: Restore | undefined;
  /**
   * Checks the permissions again, for each event of a subscription; undefined if they cannot change during it.
   * @throws GraphQLError if nothing is permitted any more
   */
  readonly recheck: (() => Permitted) | undefined;
}

/** The part of an operation that is left without some fields. */
export interface FilteredForm extends Filtered {
  readonly operation: OperationDefinitionNode;
  readonly hash: string;
  readonly plans: OperationPlans;
}

/** Maximum number of cached filtered forms of one operation; more exist only if viewers differ in many ways. */
const maxFilteredForms = 100;

/** Permissions of an operation, as far as they depend on its text and the rules alone. */
export class PermittedForms {
  /** The operation for those who may have all of it. */
  readonly whole: Permitted;
  #requirements: readonly Requirement[] | undefined;
  /** By the keys of the requirements that are not met. */
  readonly #filtered = new Map<string, FilteredForm>();

  constructor(prepared: Prepared) {
    const { document, operation, hash } = prepared;
    this.whole = {
      document,
      operation,
      hash,
      get plans() {
        return prepared.plans;
      },
      restore: undefined,
      recheck: undefined,
    };
  }

  /** Returns the requirements of its fields; `find` is called once. */
  requirements(find: () => readonly Requirement[]): readonly Requirement[] {
    this.#requirements ??= find();
    return this.#requirements;
  }

  /** Returns the filtered form for these requirements, from the cache if it was made before. */
  filtered(signature: string, make: () => FilteredForm): FilteredForm {
    const known = this.#filtered.get(signature);
    if (known) return known;
    const made = make();
    if (this.#filtered.size >= maxFilteredForms) this.#filtered.clear();
    this.#filtered.set(signature, made);
    return made;
  }
}
