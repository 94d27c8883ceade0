import { expect } from 'vitest';
import type { CostMeter, PageCost } from '../support/systems/page-costs.ts';
import type { QueryWorld } from '../support/systems/query-world.ts';
import { dataOf } from '../support/systems/stores-in-time.ts';

/** 40 follows and those who are followed, 4 times their newest 50 follows, and 40 candidates. */
const mostRows = 40 + 40 + 4 * 50 + 40;
const mostCalls = 12;

/** Asserts that suggestions cost the same for each viewer, however many people they follow. */
export const checkSuggestionCosts = async (
  world: QueryWorld,
  meter: CostMeter,
  viewers: readonly string[],
): Promise<void> => {
  const query = '{ suggestedUsers(first: 10) { mutualCount user { id handle name } } }';
  const costs: PageCost[] = [];
  for (const viewer of viewers) {
    const { result, cost } = await meter.costOf(async () =>
      dataOf(await world.ask<{ readonly suggestedUsers: readonly unknown[] }>(query, { viewer })),
    );
    expect(result.suggestedUsers).toHaveLength(10);
    costs.push(cost);
  }
  for (const { calls, rows, examined } of costs) {
    expect(calls).toBeLessThanOrEqual(mostCalls);
    expect(rows).toBeLessThanOrEqual(mostRows);
    // Postgres looks at some entries of the index twice to merge the follows of ten people.
    expect(examined).toBeLessThanOrEqual(3 * mostRows);
  }
};
