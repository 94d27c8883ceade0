import { operationFromDocument, type Schema } from '@apollo/federation-internals';
import type { QueryPlan, QueryPlanner, QueryPlannerConfig } from '@apollo/query-planner';
import { type DocumentNode, type GraphQLSchema, getOperationAST } from 'graphql';
import { asksForData } from './conditions.ts';
import { writeOutFragments } from './interface-fragments.ts';
import { hasInterfaceObjects, InterfaceObjects } from './interface-objects.ts';
import { noOverrides, type Overrides } from './overrides.ts';

/**
 * Returns how a planner must be configured for a supergraph. Splitting fetches of interface objects needs the fields in
 * place, and not in fragments that are used elsewhere too.
 */
export const plannerConfig = (supergraph: DocumentNode): QueryPlannerConfig => ({
  reuseQueryFragments: !hasInterfaceObjects(supergraph),
});

/** Plans operations on one supergraph with the planner of Apollo, and corrects its plans in known cases. */
export class Planner {
  readonly #planner: QueryPlanner;
  readonly #apiSchema: Schema;
  readonly #interfaceObjects: InterfaceObjects;
  readonly #schema: GraphQLSchema;

  /**
   * @param planner made with `plannerConfig` on the same supergraph
   * @param supergraphSchema the whole schema, with everything that clients don't see
   */
  constructor(planner: QueryPlanner, supergraphSchema: GraphQLSchema) {
    const { supergraph } = planner;
    this.#planner = planner;
    this.#apiSchema = supergraph.apiSchema();
    this.#schema = supergraphSchema;
    this.#interfaceObjects = new InterfaceObjects(supergraph, supergraphSchema);
  }

  /** @param asked without conditions; if it asks for nothing, nothing is planned */
  plan(
    asked: DocumentNode,
    operationName: string | undefined,
    { conditions }: Overrides = noOverrides,
  ): QueryPlan {
    const document = this.#writtenOut(asked, operationName);
    const operation = getOperationAST(document, operationName);
    if (!operation || !asksForData(operation.selectionSet, document)) return { kind: 'QueryPlan' };
    const named = operationName === undefined ? {} : { operationName };
    const plan = this.#planner.buildQueryPlan(operationFromDocument(this.#apiSchema, document, named), {
      overrideConditions: new Map(conditions),
    });
    return this.#interfaceObjects.mend(plan, document, operation);
  }

  #writtenOut(document: DocumentNode, operationName: string | undefined): DocumentNode {
    const operation = getOperationAST(document, operationName);
    const { names: interfaceObjects } = this.#interfaceObjects;
    return operation
      ? writeOutFragments(document, operation, { schema: this.#schema, interfaceObjects })
      : document;
  }
}
