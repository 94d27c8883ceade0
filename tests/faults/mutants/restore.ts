import { type Mutant, mutant } from './define.ts';

const notDelivered = (named: string) => ({ tests: 'tests/projector/new-queue', named });
const applied = notDelivered('are applied from the event store');
const built = notDelivered('are at the end of the store');

/** Mistakes in checking events and backups, in restoring them, and in starting with a new queue. */
export const restoreMutants: readonly Mutant[] = [
  mutant(
    'a new queue carries the whole history',
    { tests: 'tests/recorder/new-queue', named: 'continues after the last event' },
    'recorder/src/event-relay.ts',
    '    if (this.#handed === 0 && this.#appended > maxRefilled) await this.#startAtEnd();\n',
    '',
  ),
  mutant(
    'an event that cannot be read is skipped if the queue never delivered it',
    applied,
    'projector/src/reapply.ts',
    'if (!skipped.has(position)) await run.addDeadLetter',
    'if (skipped.has(position)) await run.addDeadLetter',
  ),
  mutant(
    'an event that was dropped is applied if the queue never delivered it',
    applied,
    'projector/src/reapply.ts',
    'await run.apply(applied, ',
    'await run.apply(events, ',
  ),
  mutant(
    'an event that cannot be applied is skipped if the queue never delivered it',
    notDelivered('are tried three times alone'),
    'projector/src/reapply.ts',
    '    await this.addDeadLetter(event.position, error, maxTries);\n',
    '    if (error === undefined) await this.addDeadLetter(event.position, error, maxTries);\n',
  ),
  mutant(
    'a projector applies one by one what a rebuild has built',
    notDelivered('are left to a rebuild'),
    'projector/src/reapply.ts',
    'next = Math.max(last, await onProgress(last)) + 1;',
    'await onProgress(last);\n      next = last + 1;',
  ),
  mutant(
    'a rebuild leaves the checkpoints unchanged',
    built,
    'projector/src/rebuild/rebuild.ts',
    '    await this.#raiseCheckpoints();\n',
    '',
  ),
  mutant(
    'a rebuild raises the checkpoints before it notes how far the former generation is',
    built,
    'projector/src/rebuild/rebuild.ts',
    '    const upTo = new Map<string, number>();\n',
    '    await this.#raiseCheckpoints();\n    const upTo = new Map<string, number>();\n',
  ),
  mutant(
    'a rebuild skips events that cannot be read',
    built,
    'projector/src/rebuild/rebuild.ts',
    'if (position > applied) await addDeadLetterAt',
    'if (position < applied) await addDeadLetterAt',
  ),
  mutant(
    'a rebuild adds events to the dead letters that a projector has applied',
    built,
    'projector/src/rebuild/rebuild.ts',
    'if (position > applied) await addDeadLetterAt',
    'await addDeadLetterAt',
  ),
  mutant(
    'the first rebuild of new documents may find feeds of the lost ones in Redis',
    built,
    'projector/src/rebuild/rebuild.ts',
    'Math.max(epoch + 1, Date.now())',
    'epoch + 1',
  ),
  mutant(
    'a bulk writer creates partitions of the default size',
    { tests: 'tests/stores/partitions', named: 'if a bulk writer creates them' },
    'packages/event-store/src/bulk-writer.ts',
    'restoreRows(client, linked, this.#partitionSize)',
    'restoreRows(client, linked, defaultPartitionSize + 0 * this.#partitionSize)',
  ),
  mutant(
    'a restore trusts documents that are ahead of the backup',
    { tests: 'tests/recovery/restore', named: 'is served in bulk' },
    'ops/src/backup/read-models.ts',
    'now.position > head ? { position: 0 } : undefined',
    'now.position < 0 ? { position: 0 } : undefined',
  ),
  mutant(
    'a restore into an empty store makes partitions of the default size',
    { tests: 'tests/recovery/restore', named: 'is served in bulk' },
    'ops/src/commands/backup.ts',
    '{ log, partitionSize, archiveDir }',
    '{ log, archiveDir }',
  ),
  mutant(
    'the chain of hashes is not checked',
    { tests: 'tests/recovery/audit', named: 'names an edited event' },
    'packages/audit/src/audit.ts',
    '  if (!chain(head.hash, row).equals(row.hash)) return',
    '  if (chain(head.hash, row).length !== row.hash.length) return',
  ),
  mutant(
    'published heads are not held against the chain',
    { tests: 'tests/recovery/audit', named: 'by published heads' },
    'packages/audit/src/audit.ts',
    "find(({ hash }) => hash !== row.hash?.toString('hex'));",
    'find(({ hash }) => hash.length !== 64);',
  ),
  mutant(
    'a part of a backup is taken whatever its checksum',
    { tests: 'tests/recovery/backup', named: 'refuses what is not whole' },
    'packages/event-store/src/backup/manifest.ts',
    'found.sha256 !== part.sha256',
    'found.sha256.length !== part.sha256.length',
  ),
];
