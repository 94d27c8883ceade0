import type { EventStore } from '@rookery/event-store';
import {
  MalformedEventError,
  type RecordedEvent,
  readRecorded,
  type StoredEvent,
} from '@rookery/schema/events';

/** Maximum number of parked events that are read. */
const mostParked = 1_000_000;

/** Returns the positions that a projection skips: parked events until they are redriven, and dropped events. */
export const parkedBy = async (
  eventStore: Pick<EventStore, 'parked' | 'settled'>,
  projections: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> => {
  const [parked, settled] = await Promise.all([
    eventStore.parked(mostParked),
    eventStore.settled(mostParked),
  ]);
  const out = [...parked, ...settled.filter(({ action }) => action === 'dropped')];
  return new Map(
    projections.map((name) => [
      name,
      new Set(out.flatMap(({ by, position }) => (by === name && position !== null ? [position] : []))),
    ]),
  );
};

/**
 * Returns the readable events; a projector would park the others at once.
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
