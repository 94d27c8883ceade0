import { type Mutant, mutant } from './define.ts';

/** Mistakes in the way to a second store and a second queue, and back. */
export const failoverMutants: readonly Mutant[] = [
  mutant(
    'a standby takes and acknowledges what is for the primary',
    { tests: 'tests/projector/standby', named: 'a standby has consumers of its own' },
    'packages/failover/src/standby-read-models.ts',
    'const target: StandbyTarget = { consumer, document,',
    'const target: StandbyTarget = { consumer: name, document,',
  ),
  mutant(
    'a writer of an older term may append',
    { tests: 'tests/fallbacks/fenced', named: 'a writer of both stores' },
    'packages/event-store/src/append.ts',
    'if (!answer.in_term) throw',
    'if (answer.in_term === null) throw',
  ),
  mutant(
    'a writer of an older term may copy to the primary',
    { tests: 'tests/fallbacks/fenced', named: 'of both, when the primary has gone on' },
    'packages/failover/src/two-writer.ts',
    'if (rowCount !== 1) throw',
    'if (rowCount === null) throw',
  ),
  mutant(
    'what the second queue knows of a key is not heeded',
    { tests: 'tests/fallbacks/redundant-queue', named: 'know the first input' },
    'packages/failover/src/redundant-queue.ts',
    'return { event: two.value.event,',
    'return { event: agreed,',
  ),
  mutant(
    'the second queue is not told what the first knows of a key',
    { tests: 'tests/fallbacks/redundant-queue', named: 'are told to the one that missed them' },
    'packages/failover/src/redundant-queue.ts',
    'outcomeOf(this.#second.claim(agreed));',
    'outcomeOf(this.#second.claim(event));',
  ),
];
