import type { Queue } from '@rookery/message-queue';
import type { Readiness } from '@rookery/runtime';
import type { AccountTable } from './accounts/table.ts';

/**
 * A mutation needs the queue and nothing else. Postgres is for signing up and logging in; recorder and projections are
 * other processes, whose work `/health/flow` of the query subgraph tells about.
 */
export const readiness = (queue: Pick<Queue, 'ping'>, table: Pick<AccountTable, 'ping'>): Readiness => ({
  atStart: { queue: () => queue.ping() },
  shown: { accounts: () => table.ping() },
});
