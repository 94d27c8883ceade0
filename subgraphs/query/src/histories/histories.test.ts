import { it } from 'vitest';
import { checkHistories } from '../../../../tests/support/model/check-histories.ts';
import { applied, withCounts } from './documents.ts';
import { countIn, seenBy } from './seen.ts';

it('feeds, threads, lists, notifications and counts are as in the model, for 100 random histories', () =>
  checkHistories({ apply: applied, withCounts, seenBy, countIn }, 100));
