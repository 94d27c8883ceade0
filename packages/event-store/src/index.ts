import { Gauge, type Logger, oncePerScrape, type Registry } from '@rookery/runtime';
import type { AuditLog } from './audit-log.ts';
import { openArchive } from './backup/archive.ts';
import { PostgresEventStore } from './postgres.ts';
import type { EventStore, StoreReplicaStatus } from './types.ts';

export { EventArchivedError } from './archived.ts';
export { type AuditLog, type AuditRow, openAuditLog } from './audit-log.ts';
export { type BulkWriter, openBulkWriter } from './bulk-writer.ts';
export { type ChainHead, chain, type Hash, noHash } from './chain.ts';
export { dropArchived, partitionsBefore } from './detach.ts';
export { type RestoredRow, restoreRows } from './restore.ts';
export { escapeText } from './schema.ts';
export { type StoreTerm, UnsafeFailoverError } from './term.ts';
export * from './types.ts';
export { UnstorableEventError } from './writer.ts';

export interface EventStoreOptions {
  readonly log: Logger;
  /** Number of events in a new partition. */
  readonly partitionSize?: number | undefined;
  /** Folder of the backup with archived events. Without it, reading them fails. */
  readonly archiveDir?: string | undefined;
}

/** Opens the event store. It connects on first use, so that a process can start while Postgres is down. */
export const openEventStore = (
  url: string,
  { log, partitionSize, archiveDir }: EventStoreOptions,
): EventStore =>
  new PostgresEventStore(url, log, {
    partitionSize,
    archive: archiveDir === undefined ? undefined : openArchive(archiveDir),
  });

/** Maximum number of dead letters that are counted. */
const mostCounted = 10_000;

/**
 * Registers the metrics of each store (whether it answers, whether it is current, its last position) and of
 * dead letters.
 */
export const watchEventStore = (
  registry: Registry,
  store: Pick<EventStore, 'replicas' | 'deadLetters'>,
): void => {
  // All of them are collected at once, and each must have what this very scrape finds.
  const read = oncePerScrape(() => store.replicas().catch(() => []));
  const each = (name: string, help: string, value: (line: StoreReplicaStatus) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['store'],
      registers: [registry],
      async collect() {
        for (const line of await read()) this.set({ store: line.name }, value(line));
      },
    });
  each('rookery_event_store_up', '1 if this event store answers.', ({ up }) => (up ? 1 : 0));
  each(
    'rookery_event_store_current',
    '1 if this event store is written and read; for both if they are equal.',
    ({ current }) => (current ? 1 : 0),
  );
  each(
    'rookery_event_store_head_position',
    'Last position of this event store.',
    ({ head }) => head ?? Number.NaN,
  );
  new Gauge({
    name: 'rookery_event_store_dead_letters',
    help: 'Dead letters, by the process that could not apply them. Alert on any.',
    labelNames: ['by'],
    registers: [registry],
    async collect() {
      const deadLetters = await store.deadLetters(mostCounted).catch(() => undefined);
      this.reset();
      if (!deadLetters) return;
      this.set({ by: 'recorder' }, 0);
      for (const { by } of deadLetters) this.inc({ by });
    },
  });
};

/** Registers the metrics of the last audit of the event store; no sample while the store does not answer. */
export const watchAudits = (registry: Registry, auditLog: Pick<AuditLog, 'lastAudit'>): void => {
  const read = oncePerScrape(() => auditLog.lastAudit().catch(() => 'unknown' as const));
  type Last = Exclude<Awaited<ReturnType<typeof read>>, 'unknown'>;
  const each = (name: string, help: string, value: (last: Last) => number | undefined) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const last = await read();
        const found = last === 'unknown' ? undefined : value(last);
        if (found === undefined) this.remove();
        else this.set(found);
      },
    });
  each(
    'rookery_event_store_audit_passed',
    '1 if the last ops audit found the event store as it was recorded, 0 if it found a flaw; no sample before the first audit.',
    (last) => last && Number(last.passed),
  );
  each(
    'rookery_event_store_audited_seconds',
    'Time of the last ops audit, in seconds since the epoch; 0 before the first.',
    (last) => (last?.at.getTime() ?? 0) / 1_000,
  );
};
