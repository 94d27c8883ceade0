import { it } from 'vitest';
import { checkHistories } from '../../../../tests/support/model/check-histories.ts';
import { inMemory } from './product.ts';

const all = 10_000;
const atOnce = 500;

it('feeds, threads, lists, notifications and counts are as in the model, for 10,000 random histories', {
  timeout: 3_600_000,
}, async () => {
  for (let done = 0; done < all; done += atOnce) {
    await checkHistories(inMemory, atOnce);
    console.log(`${done + atOnce} of ${all} histories`);
  }
});
