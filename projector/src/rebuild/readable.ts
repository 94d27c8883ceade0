import { MalformedEvent, type RecordedEvent, readRecorded } from '@rookery/schema/events';
import type { EventStore, StoredEvent } from '@rookery/stores/event-store';

/** Most parked events that are asked for. */
const mostParked = 1_000_000;

/** Which events a projection leaves out: positions of what was set aside until it is redriven, or was dropped. */
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
 * The events that can be read; a projector would set the others aside at once.
 * @throws UnknownEventVersion: as for a projector, nothing may skip it
 */
export const readable = (stored: readonly StoredEvent[]): RecordedEvent[] =>
  stored.flatMap((one) => {
    try {
      return [{ ...one, event: readRecorded(one.event) }];
    } catch (error) {
      if (error instanceof MalformedEvent) return [];
      throw error;
    }
  });
