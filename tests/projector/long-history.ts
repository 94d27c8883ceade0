import fc from 'fast-check';
import { history } from '../support/events/recorded-events.ts';

/** A long and well-mixed history, always the same. Tests stop a server before its last third, in which a post comes for feeds. */
export const [longHistory = []] = fc.sample(
  history.filter(
    (events) =>
      events.length > 30 && events.slice(20).some(({ event }) => event.name === 'rookery.post.published'),
  ),
  { numRuns: 1, seed: 20_260_101 },
);
