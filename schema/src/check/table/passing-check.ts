import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { expect } from 'vitest';
import { apiSchemaOf, buildSupergraph, compose } from '../../compose/compose.ts';
import { checked, seen } from './checked.ts';
import { randomOperation } from './random-operation.ts';
import { schemaPairs } from './random-schema.ts';

/** Number of random pairs of each kind. */
export interface Met {
  readonly passed: number;
  readonly failed: number;
  /** Checks that passed although a change is breaking, because no operation uses what it touches. */
  readonly unused: number;
}

/**
 * Checks random pairs of schemas with recorded operations: whenever a check passes, every operation validates and plans
 * against the new supergraph; and whenever an operation does not validate, the check fails and shows it as broken.
 * @param seed makes the pairs the same in each run
 */
export const checkRandomPairs = async (numRuns: number, seed?: number): Promise<Met> => {
  const met = { passed: 0, failed: 0, unused: 0 };
  const seeds = fc.array(fc.integer(), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(schemaPairs, seeds, async ([base, head], numbers) => {
      const before = apiSchemaOf(compose(base).supergraphSdl);
      const documents = numbers
        .map((seed) => randomOperation(before, seed))
        .filter((document) => validate(before, parse(document)).length === 0);
      fc.pre(documents.length > 0);
      const report = await checked(base, head, { operations: documents.map((document) => seen(document)) });
      fc.pre(report.compositionErrors.length === 0);
      const { supergraphSdl } = compose(head);
      const after = apiSchemaOf(supergraphSdl);
      const invalid = documents.filter((document) => validate(after, parse(document)).length > 0);
      const broken = report.operations.filter(({ effect }) => effect === 'broken');
      if (!report.ok) {
        met.failed += 1;
        expect(broken.length).toBeGreaterThanOrEqual(Math.min(1, invalid.length));
        return;
      }
      met.passed += 1;
      if (report.changes.some(({ decision }) => decision === 'unused')) met.unused += 1;
      expect(invalid).toEqual([]);
      const supergraph = buildSupergraph(supergraphSdl);
      const planner = new QueryPlanner(supergraph);
      for (const document of documents) {
        const operation = operationFromDocument(supergraph.apiSchema(), parse(document));
        expect(planner.buildQueryPlan(operation).kind).toBe('QueryPlan');
      }
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  );
  return met;
};
