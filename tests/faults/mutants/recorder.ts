import { type Mutant, mutant } from './define.ts';

/** Mistakes in the recorder's way from the queue to the event store and RECORDED. */
export const recorderMutants: readonly Mutant[] = [
  mutant(
    'an append does not verify the end of the store',
    { tests: 'tests/stores/event-store', named: 'ends at another event than it left' },
    'packages/event-store/src/append.ts',
    '$9::bigint = 0 or exists (select from event_store.events where position = $9 and hash = $10::bytea) as at_head,',
    '$9::bigint = 0 or $10::bytea is not null as at_head,',
  ),
  mutant(
    'the text of an event is written again',
    { tests: 'tests/stores/event-store', named: 'stores the text that it received' },
    'packages/event-store/src/append.ts',
    'text: texts?.[i] ?? JSON.stringify(event)',
    'text: JSON.stringify(texts ? event : events[i])',
  ),
  mutant(
    'positions that others have taken count as relayed',
    { tests: 'tests/stores/queue', named: 'refuses what is not the next position' },
    'packages/message-queue/src/recorded.ts',
    'if (rest.length === 0) throw why;',
    'if (rest.length === 0) return;',
  ),
  mutant(
    'nobody waits for the last one of many messages',
    { tests: 'tests/stores/queue', named: 'refuses what is not the next position' },
    'packages/message-queue/src/recorded.ts',
    'if (message === last) await this.#publish(message);\n        else nc',
    'nc',
  ),
  mutant(
    'two stores count as equal if they have the same events',
    { tests: 'tests/fallbacks/backup-store', named: 'made equal to the last byte' },
    'packages/failover/src/mirror.ts',
    "coalesce(encode(hash, 'hex'), id || ' ' || md5(event::text))",
    "id || ' ' || md5(event::text)",
  ),
  mutant(
    'earlier events are not looked for while their identities are copied',
    { tests: 'tests/stores/partitions', named: 'is partitioned while its writers append' },
    'packages/event-store/src/identities.ts',
    "idsIn('events_1')}",
    "idsIn('events_1')} and false",
  ),
  mutant(
    'an identity of each page is not copied',
    { tests: 'tests/stores/partitions', named: 'is partitioned while its writers append' },
    'packages/event-store/src/migrate.ts',
    'where position > $1 and position <= $2',
    'where position > $1 + 1 and position <= $2',
  ),
  mutant(
    'no partition is there ahead of need',
    { tests: 'tests/stores/partitions', named: 'are there ahead of need' },
    'packages/event-store/src/partitions.ts',
    'newest === undefined || newest.first <= head + 1',
    'newest === undefined || newest.last < head + 1',
  ),
  mutant(
    'a page of events looks at the whole history after it',
    { tests: 'tests/stores/partitions', named: 'are not touched by what does not need them' },
    'packages/event-store/src/postgres.ts',
    'position <= $1::bigint + $2::bigint order by position`',
    'position < $1::bigint + 9000000 order by position limit $2`',
  ),
  mutant(
    'a migration waits for readers as long as it takes',
    { tests: 'tests/stores/partitions', named: 'is not kept from recording by a reader' },
    'packages/event-store/src/partitions.ts',
    'const lockTimeoutMs = 300;',
    'const lockTimeoutMs = 60_000;',
  ),
  mutant(
    'a partition is archived that is not what was recorded',
    { tests: 'tests/recovery/archive', named: 'are not removed' },
    'ops/src/commands/archive.ts',
    'if (!isWhole) return { hash, flaw: position };',
    'if (row === undefined) return { hash, flaw: position };',
  ),
  mutant(
    'a page ends with the last archived event',
    { tests: 'tests/recovery/archive', named: 'are read like all others' },
    'packages/event-store/src/archived.ts',
    'if (archived.length >= limit || last < this.#upTo) return archived;',
    'if (archived.length > 0) return archived;',
  ),
];
