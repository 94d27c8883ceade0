import { type Mutant, mutant } from './define.ts';

/** Mistakes in the order of one actor's writes (docs/adr/order-of-writes.md). */
export const orderMutants: readonly Mutant[] = [
  mutant(
    "the order of an actor's writes is a matter of each replica's own clock",
    { tests: 'tests/mutation/order', named: 'lets the undo win on a replica' },
    'subgraphs/mutation/src/execute.ts',
    'clock(actor, Math.max(await mark, ',
    'clock(actor, Math.max(0 * (await mark), ',
  ),
  mutant(
    'the last word is whose replica has the fastest clock',
    { fault: 'mutation-replica-ahead', breaks: 'I5' },
    'subgraphs/mutation/src/clock.ts',
    'const time = Math.max(now(), after + 1, (latest.get(actor) ?? 0) + 1);',
    'const time = Math.max(now(), Math.min(after, 0), (latest.get(actor) ?? 0) + 1);',
  ),
  mutant(
    'a command is answered without a mark for the next one',
    { tests: 'tests/mutation/order', named: 'lets the undo win on a replica' },
    'subgraphs/mutation/src/execute.ts',
    'queue.raiseHighWaterMark(event.actor, Date.parse(event.time)),',
    'queue.raiseHighWaterMark(event.actor, 0),',
  ),
  mutant(
    'only one of two queues is asked for the mark',
    { tests: 'tests/mutation/order', named: 'with one queue in common' },
    'packages/failover/src/redundant-queue.ts',
    'return Math.max(...marks);',
    'return marks[0] ?? 0;',
  ),
  mutant(
    'the second queue has no mark before the first one fails',
    { tests: 'tests/mutation/order', named: 'after a failover' },
    'packages/failover/src/redundant-queue.ts',
    'this.#both((queue) => queue.raiseHighWaterMark(actor, time), true);',
    'this.#both((queue) => queue.raiseHighWaterMark(actor, queue === this.#second ? 0 : time), true);',
  ),
  mutant(
    'a queue that was down is not told the marks it missed',
    { tests: 'tests/mutation/order', named: 'after the other queue fails' },
    'packages/failover/src/redundant-queue.ts',
    "if ('error' in one) this.#markHandoffs.first.add(actor);",
    "if ('error' in one) void actor;",
  ),
  mutant(
    'a mark is written whatever it was',
    { tests: 'tests/stores/high-water-marks', named: 'never go back' },
    'packages/message-queue/src/high-water-marks.ts',
    'expect: { streamName: orderStream, lastSubjectSequence: revision },',
    'expect: { streamName: orderStream, ...(revision < 0 ? { lastSubjectSequence: revision } : {}) },',
  ),
  mutant(
    'a sign-up on a replica that is ahead keeps its name forever',
    { tests: 'packages/read-models/src/projections/projections', named: 'yields to any update' },
    'packages/read-models/src/projections/profiles.ts',
    'return isSignUp(before, userId) || newer(version, before);',
    'return newer(version, before);',
  ),
];
