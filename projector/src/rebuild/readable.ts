import { MalformedEvent, type RecordedEvent, readEvent } from '@rookery/schema/events';
import type { EventStore, StoredEvent } from '@rookery/stores/event-store';

/** Most parked events that are asked for. */
const mostParked = 1_000_000;

/** Which events a projection leaves out: positions of what was set aside, and is so until it is redriven. */
export const parkedBy = async (
  eventStore: Pick<EventStore, 'parked'>,
  projections: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> => {
  const parked = await eventStore.parked(mostParked);
  return new Map(
    projections.map((name) => [
      name,
      new Set(parked.flatMap(({ by, position }) => (by === name && position !== null ? [position] : []))),
    ]),
  );
};

/**
 * The events that can be read; a projector would set the others aside at once.
 * @throws UnknownEventVersion: as for a projector, nothing may skip it
 */
export const readable = (stored: readonly StoredEvent[]): RecordedEvent[] =>
  stored.flatMap((one) => {
    try {
      return [{ ...one, event: readEvent(one.event) }];
    } catch (error) {
      if (error instanceof MalformedEvent) return [];
      throw error;
    }
  });
