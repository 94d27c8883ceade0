import { describe, it } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { checkPageCost } from './check-page-cost.ts';

/** MongoDB's turn is in the long tier: the server of the tests compares every item with every author. */
const engines = documentEngines().filter(({ engine }) => engine === 'postgres');

describe.each(engines)('a page of the friends feed on $engine', (engine) => {
  it('is the same for any number of followings, half of whom broadcast their posts', () =>
    checkPageCost(engine));
});
