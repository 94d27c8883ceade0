import type { EventStore } from '@rookery/event-store';
import {
  MalformedEventError,
  type RecordedEvent,
  readRecorded,
  type StoredEvent,
} from '@rookery/schema/events';
import type { Failure } from './load.ts';

/** Maximum number of dead letters that are read. */
const maxDeadLetters = 1_000_000;

/** Returns the positions that a projection skips: dead letters until they are redriven, and dropped events. */
export const deadLetterPositions = async (
  eventStore: Pick<EventStore, 'deadLetters' | 'resolvedDeadLetters'>,
  projections: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> => {
  const [deadLetters, resolved] = await Promise.all([
    eventStore.deadLetters(maxDeadLetters),
    eventStore.resolvedDeadLetters(maxDeadLetters),
  ]);
  const out = [...deadLetters, ...resolved.filter(({ action }) => action === 'dropped')];
  return new Map(
    projections.map((name) => [
      name,
      new Set(out.flatMap(({ by, position }) => (by === name && position !== null ? [position] : []))),
    ]),
  );
};

/** Recorded events: those that can be read, and the others, which are dead letters to a projector. */
export interface ReadEvents {
  readonly events: readonly RecordedEvent[];
  readonly unreadable: readonly Failure[];
}

/** @throws UnknownEventVersionError, since an unknown kind must never be skipped */
export const readEvents = (stored: readonly StoredEvent[]): ReadEvents => {
  const events: RecordedEvent[] = [];
  const unreadable: Failure[] = [];
  for (const one of stored) {
    try {
      events.push({ ...one, event: readRecorded(one.event) });
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      unreadable.push({ position: one.position, error });
    }
  }
  return { events, unreadable };
};
