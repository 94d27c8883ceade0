import type { ReadyCheck } from '@rookery/service';
import { projections, type Queue } from '@rookery/stores/queue';
import type { AccountTable } from './accounts/table.ts';

/**
 * Whether a write could flow from here to a feed: the queue answers, and the recorder and every projection are
 * pulling from it. And whether people can sign up and log in.
 */
export const readiness = (
  queue: Pick<Queue, 'ping' | 'consumer' | 'lines'>,
  table: Pick<AccountTable, 'prepare'>,
): Record<string, ReadyCheck> => ({
  queue: () => queue.ping(),
  accounts: () => table.prepare(),
  ...Object.fromEntries(
    ['recorder', ...projections].map((name) => [
      name,
      async () => {
        // With the first of two queues away, the projections read the event store instead.
        const [first, second] = queue.lines();
        if (name !== 'recorder' && !first?.up && second?.up) return;
        if (!(await queue.consumer(name)).attached) throw new Error('nobody is pulling');
      },
    ]),
  ),
});
