import { type Mutant, mutant } from './define.ts';

/** Mistakes in how the projector works off a backlog, and in what it tells of it. */
export const projectorMutants: readonly Mutant[] = [
  mutant(
    'the time left is that of the fastest projection',
    { tests: 'packages/message-queue/src/flow', named: 'tells the rate of each projection' },
    'packages/message-queue/src/flow.ts',
    'timeOf(b) - timeOf(a)',
    'timeOf(a) - timeOf(b)',
  ),
  mutant(
    'a rate of long ago is that of now',
    { tests: 'packages/message-queue/src/flow', named: 'knows no end of a backlog' },
    'packages/message-queue/src/flow.ts',
    '> maxRateAgeMs ?',
    '> maxRateAgeMs * 1e9 ?',
  ),
  mutant(
    'the rate is that since the start',
    { tests: 'projector/src/progress-rate', named: 'follows a change of the pace' },
    'projector/src/progress-rate.ts',
    'if (inWindow > 1)',
    'if (inWindow < 0)',
  ),
  mutant(
    'each projection decodes its events by itself',
    { tests: 'tests/projector/turns', named: 'receive the same decoded event' },
    'packages/message-queue/src/jetstream.ts',
    '(message) => this.#cache.read(message)',
    'readRecorded',
  ),
  mutant(
    'an event of an earlier stream is taken for one with its sequence',
    { tests: 'packages/message-queue/src/recorded-cache', named: 'created again' },
    'packages/message-queue/src/recorded-cache.ts',
    'if (known?.subject === subject && known.timestamp === timestamp) return',
    'if (known) return',
  ),
  mutant(
    'decoded events are kept without end',
    { tests: 'packages/message-queue/src/recorded-cache', named: 'is bounded' },
    'packages/message-queue/src/recorded-cache.ts',
    'max: limits.events, maxSize: limits.bytes',
    'maxSize: 1_024 * limits.bytes',
  ),
  mutant(
    'new events wait for the turns of a backlog',
    { tests: 'projector/src/turns', named: 'lets new events of others go at once' },
    'projector/src/turns.ts',
    'if (turn.waiting < backlogFrom) return',
    'if (turn.waiting < 0) return',
  ),
  mutant(
    'the projection that is furthest behind waits longest',
    { tests: 'projector/src/turns', named: 'furthest behind first' },
    'projector/src/turns.ts',
    'b.position < a.position',
    'b.position > a.position',
  ),
  mutant(
    'a turn has no end',
    { tests: 'tests/projector/turns', named: 'applies slices' },
    'projector/src/patient-apply.ts',
    'Math.min(maxEvents, this.#adaptiveSize.size)',
    'Math.max(maxEvents, this.#adaptiveSize.size)',
  ),
];
