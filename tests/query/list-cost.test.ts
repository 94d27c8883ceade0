import { describe, it } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { type ListName, listNames, useListCosts } from './list-costs.ts';

/** One list of each kind: by a field, by the values of a list, by a relation, and of groups. The long test has the others. */
const onMongo: readonly ListName[] = ['replies', 'hashtag', 'bookmarks', 'notifications'];

describe.each(documentEngines())('a page of a list on $engine', (engine) => {
  const check = useListCosts(engine);
  const names = engine.engine === 'postgres' ? listNames : onMongo;
  it.each(names)('%s: costs the same for any length, at any depth', check);
  it.runIf(engine.engine === 'postgres')('trends: cost the same for any number of hashtags and posts', () =>
    check('trends'),
  );
  it.runIf(engine.engine === 'postgres')('suggestions: cost the same for any number of followings', () =>
    check('suggestions'),
  );
});
