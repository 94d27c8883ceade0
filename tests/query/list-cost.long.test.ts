import { describe } from 'vitest';
import { documentEngines } from '../support/index.ts';
import { listNames, testListCosts } from './list-costs.ts';

describe.each(documentEngines())('a page of any list on $engine', (engine) =>
  testListCosts(engine, listNames),
);
