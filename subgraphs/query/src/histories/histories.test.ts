import { it } from 'vitest';
import { checkHistories } from '../../../../tests/support/model/check-histories.ts';
import { inMemory } from './product.ts';

it('feeds, threads, lists, notifications and counts are as in the model, for 100 random histories', () =>
  checkHistories(inMemory, 100));
