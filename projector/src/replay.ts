import { DocumentsUnavailableError, StatementTimeoutError } from '@rookery/document-store';
import type { EventStore } from '@rookery/event-store';
import { type RecordedEvent, readEvent } from '@rookery/schema/events';
import type { Apply } from './apply.ts';

export interface ReplayOptions {
  readonly eventStore: Pick<EventStore, 'read'>;
  /** Function that applies events to each projection, on the live stores or on separate ones. */
  readonly applies: ReadonlyMap<string, Apply>;
  /** First and last position, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Number of events that are read and applied at a time. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch: everything up to `position` is applied. */
  readonly onProgress?: (position: number) => void;
}

/** An event that a projection cannot apply, or that is unreadable, which affects every projection. */
interface ReplayFailure {
  readonly position: number;
  readonly projection: string | null;
  readonly error: unknown;
}

export interface Replayed {
  /** Everything up to this position is applied, except the failures. */
  readonly position: number;
  readonly failures: readonly ReplayFailure[];
}

/**
 * Applies recorded events again, in batches and in order. Idempotent, and safe while projectors run. Events
 * that cannot be applied are skipped and returned. Rejects if a store is down; the caller resumes from the
 * last reported position.
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
        const failed = await applyOrName(events, async (some) => void (await apply(some)));
        failures.push(...failed.map((failure) => ({ ...failure, projection })));
      }),
    );
    position = last.position;
    onProgress?.(position);
  }
  return { position, failures };
};

/**
 * Applies events and identifies those to blame for a failure: splits the batch after a statement timeout,
 * since a smaller batch may fit the limit, and otherwise applies one event at a time.
 * @throws DocumentsUnavailableError
 */
export const applyOrName = async (
  events: readonly RecordedEvent[],
  apply: (events: readonly RecordedEvent[]) => Promise<void>,
): Promise<{ readonly position: number; readonly error: unknown }[]> => {
  try {
    await apply(events);
    return [];
  } catch (error) {
    if (error instanceof DocumentsUnavailableError) throw error;
    const [only] = events;
    if (!only) throw error;
    if (events.length === 1) return [{ position: only.position, error }];
    const size = error instanceof StatementTimeoutError ? Math.ceil(events.length / 2) : 1;
    const failures = [];
    for (let i = 0; i < events.length; i += size)
      failures.push(...(await applyOrName(events.slice(i, i + size), apply)));
    return failures;
  }
};
