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
    'an event that repeats another one is dropped before the store is asked',
    { tests: 'tests/stores/event-store', named: 'gives what is new contiguous positions' },
    'packages/event-store/src/append.ts',
    'withoutDuplicates(given, []).duplicates.length > 0 ?',
    'withoutDuplicates(given, []).duplicates.length > given.length ?',
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
];
