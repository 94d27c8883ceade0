import { it } from 'vitest';
import { checkHistories } from './check-histories.ts';

it('feeds, threads, notifications and counts are what the model says, for 100 random histories', () =>
  checkHistories(100));
