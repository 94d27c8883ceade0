import type { EventStore } from '@rookery/event-store';
import {
  MalformedEventError,
  type RecordedEvent,
  readRecorded,
  type StoredEvent,
} from '@rookery/schema/events';

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

/**
 * Returns the readable events; to a projector the others are dead letters at once.
 * @throws UnknownEventVersionError, since an unknown kind must never be skipped
 */
export const readable = (stored: readonly StoredEvent[]): RecordedEvent[] =>
  stored.flatMap((one) => {
    try {
      return [{ ...one, event: readRecorded(one.event) }];
    } catch (error) {
      if (error instanceof MalformedEventError) return [];
      throw error;
    }
  });
