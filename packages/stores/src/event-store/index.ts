import type { Logger } from '@rookery/service';
import { PostgresEventStore } from './postgres.ts';
import type { EventStore } from './types.ts';

export * from './types.ts';
export { Unstorable } from './writer.ts';

/**
 * Opens the event store. Nothing is connected until it is asked something, so that a process can start while
 * Postgres is away.
 */
export const openEventStore = (url: string, { log }: { readonly log: Logger }): EventStore =>
  new PostgresEventStore(url, log);
