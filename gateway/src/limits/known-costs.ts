import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { type CostModel, operationCost } from './cost.ts';
import type { CostRules } from './cost-rules.ts';

type Values = Readonly<Record<string, unknown>>;

/** Number of costs that are remembered for one operation; then they are forgotten. */
const maxCosts = 100;
/** Longest outline that is remembered, in characters. */
const maxOutline = 500;

/**
 * Remembers what operations cost. A cost depends on the structure of the variables, their numbers and their booleans, and
 * never on their texts, so most requests of an operation cost the same.
 */
export class KnownCosts {
  readonly #byRules = new WeakMap<CostRules, WeakMap<OperationDefinitionNode, Map<string, number>>>();

  /** Returns the same as `operationCost`. @throws as that */
  of(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Values,
    model: CostModel,
  ): number {
    const outline = outlineOf(variables);
    if (outline.length > maxOutline) return operationCost(document, operation, variables, model);
    const known = this.#knownOf(model.rules, operation);
    const found = known.get(outline);
    if (found !== undefined) return found;
    const cost = operationCost(document, operation, variables, model);
    if (known.size >= maxCosts) known.clear();
    known.set(outline, cost);
    return cost;
  }

  #knownOf(rules: CostRules, operation: OperationDefinitionNode): Map<string, number> {
    const byOperation =
      this.#byRules.get(rules) ?? new WeakMap<OperationDefinitionNode, Map<string, number>>();
    this.#byRules.set(rules, byOperation);
    const known = byOperation.get(operation) ?? new Map<string, number>();
    byOperation.set(operation, known);
    return known;
  }
}

/** Returns a text that is equal for values that differ in their texts alone. */
const outlineOf = (value: unknown): string => {
  if (typeof value === 'string') return '""';
  if (Array.isArray(value)) return `[${value.map(outlineOf).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${outlineOf(inner)}`);
  return `{${fields.join()}}`;
};
