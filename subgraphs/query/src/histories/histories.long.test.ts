import { it } from 'vitest';
import { checkHistories } from './check-histories.ts';

it(
  'feeds, threads, notifications and counts are what the model says, for 10,000 random histories',
  {
    timeout: 3_600_000,
  },
  () => checkHistories(10_000),
);
