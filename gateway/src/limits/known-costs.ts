import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { type CostModel, operationCost } from './cost.ts';

type Values = Readonly<Record<string, unknown>>;

/** Number of costs that are remembered for one operation; then they are forgotten. */
const maxCosts = 100;
/** Longest outline that is remembered, in characters. */
const maxOutline = 500;

/**
 * Remembers what an operation costs. A cost depends on the structure of the variables, their numbers and their booleans, and
 * never on their texts, so most requests of an operation cost the same.
 */
export class KnownCosts {
  readonly #document: DocumentNode;
  readonly #operation: OperationDefinitionNode;
  readonly #model: CostModel;
  readonly #known = new Map<string, number>();

  constructor(document: DocumentNode, operation: OperationDefinitionNode, model: CostModel) {
    this.#document = document;
    this.#operation = operation;
    this.#model = model;
  }

  /** Returns the same as `operationCost`. @throws as that */
  of(variables: Values): number {
    const outline = outlineOf(variables);
    if (outline.length > maxOutline) return this.#costOf(variables);
    const found = this.#known.get(outline);
    if (found !== undefined) return found;
    const cost = this.#costOf(variables);
    if (this.#known.size >= maxCosts) this.#known.clear();
    this.#known.set(outline, cost);
    return cost;
  }

  #costOf(variables: Values): number {
    return operationCost(this.#document, this.#operation, variables, this.#model);
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
