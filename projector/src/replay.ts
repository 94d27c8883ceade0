import { type RecordedEvent, readEvent } from '@rookery/schema/events';
import { DocumentsUnavailable, StatementTimeout } from '@rookery/stores/documents';
import type { EventStore } from '@rookery/stores/event-store';
import type { Apply } from './apply.ts';
import { settled } from './hints.ts';

export interface ReplayOptions {
  readonly eventStore: Pick<EventStore, 'read'>;
  /** Projection → how it is applied: to the live stores, or to others beside them. */
  readonly applies: ReadonlyMap<string, Apply>;
  /** First and last position, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Events read and applied at a time. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Told after each batch: everything up to `position` has been applied. */
  readonly onProgress?: (position: number) => void;
}

/** An event that one projection (or, where it can't even be read, every one) can't apply. */
export interface ReplayFailure {
  readonly position: number;
  readonly projection: string | null;
  readonly error: unknown;
}

export interface Replayed {
  /** Everything up to here has been applied, save the failures. */
  readonly position: number;
  readonly failures: readonly ReplayFailure[];
}

/**
 * Applies recorded events again, in batches and in order. Idempotent, and harmless beside running projectors.
 * What can't be applied is left out and named; a store that is away rejects, for the caller to go on from the last
 * position that it was told.
 */
export const replay = async (options: ReplayOptions): Promise<Replayed> => {
  const { eventStore, applies, from, to, batch = 500, signal, onProgress } = options;
  const failures: ReplayFailure[] = [];
  let position = from - 1;
  while (position < to && !signal?.aborted) {
    const stored = await eventStore.read(position, Math.min(batch, to - position));
    const last = stored.at(-1);
    if (!last) break;
    const events = stored.flatMap((one): RecordedEvent[] => {
      try {
        return [{ ...one, event: readEvent(one.event) }];
      } catch (error) {
        failures.push({ position: one.position, projection: null, error });
        return [];
      }
    });
    await Promise.all(
      [...applies].map(async ([projection, apply]) => {
        const failed = await applyOrName(events, async (some) => void (await settled(await apply(some))));
        failures.push(...failed.map((failure) => ({ ...failure, projection })));
      }),
    );
    position = last.position;
    onProgress?.(position);
  }
  return { position, failures };
};

/**
 * Applies events, and names those that are to blame if they cannot be applied: halved if a statement took too long, since
 * less may fit into its limit, else one by one.
 * @throws DocumentsUnavailable
 */
export const applyOrName = async (
  events: readonly RecordedEvent[],
  apply: (events: readonly RecordedEvent[]) => Promise<void>,
): Promise<{ readonly position: number; readonly error: unknown }[]> => {
  try {
    await apply(events);
    return [];
  } catch (error) {
    if (error instanceof DocumentsUnavailable) throw error;
    const [only] = events;
    if (!only) throw error;
    if (events.length === 1) return [{ position: only.position, error }];
    const size = error instanceof StatementTimeout ? Math.ceil(events.length / 2) : 1;
    const failures = [];
    for (let i = 0; i < events.length; i += size)
      failures.push(...(await applyOrName(events.slice(i, i + size), apply)));
    return failures;
  }
};
