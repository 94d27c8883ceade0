/** How much one operation may ask for, the same over every transport. */
export interface OperationLimits {
  /** Fields within fields. */
  readonly depth: number;
  /** Renamed fields in an operation, with its fragments. */
  readonly aliases: number;
  /** Fields at the top of an operation. */
  readonly rootFields: number;
  /** Directives in an operation, with its fragments. */
  readonly directives: number;
  /** Directives in one place. */
  readonly directivesInPlace: number;
  /** Lexical tokens of the document; counted before it is parsed. */
  readonly tokens: number;
  /** Fields once every fragment is written out where it is spread. */
  readonly fields: number;
  /** Fields that are selected again beside themselves: validation compares each with each. */
  readonly repeats: number;
  /** By @cost and @listSize: see cost.ts. */
  readonly cost: number;
  /** Size of a list of which nothing says how long it is. */
  readonly listSize: number;
  /** The largest page that a subgraph gives, whatever is asked for. */
  readonly pageSize: number;
  /** Operations in one HTTP request; 0 allows no array at all. */
  readonly batch: number;
}

export const operationLimits: OperationLimits = {
  depth: 10,
  aliases: 15,
  rootFields: 10,
  directives: 20,
  directivesInPlace: 3,
  tokens: 2_000,
  fields: 2_000,
  repeats: 100,
  cost: 1_000,
  listSize: 10,
  pageSize: 100,
  batch: 0,
};
