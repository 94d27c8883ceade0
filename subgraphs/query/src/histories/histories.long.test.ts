import { it } from 'vitest';
import { checkHistories } from '../../../../tests/support/model/check-histories.ts';
import { applied, withCounts } from './documents.ts';
import { countIn, seenBy } from './seen.ts';

it(
  'feeds, threads, notifications and counts are as in the model, for 10,000 random histories',
  { timeout: 3_600_000 },
  () => checkHistories({ apply: applied, withCounts, seenBy, countIn }, 10_000),
);
