import fc from 'fast-check';
import { history } from '../support/events/recorded-events.ts';

/** A long and well-mixed history, always the same. */
export const [longHistory = []] = fc.sample(
  history.filter((events) => events.length > 30),
  { numRuns: 1, seed: 20_260_101 },
);
