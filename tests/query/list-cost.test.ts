import { describe, it } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { listNames, useListCosts } from './list-costs.ts';

// The long test has them on MongoDB, too.
const onPostgres = documentEngines().filter(({ engine }) => engine === 'postgres');

describe.each(onPostgres)('a page of a list on $engine', (engine) => {
  const check = useListCosts(engine);
  it.each(listNames)('%s: costs the same for any length, at any depth', check);
  it('trends: cost the same for any number of hashtags and posts', () => check('trends'));
  it('suggestions: cost the same for any number of followings', () => check('suggestions'));
});
