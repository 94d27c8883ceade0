import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** The part of the answer of `/health/flow` that is needed here. */
const flow = z.object({ behind: z.number().nullable() });

export interface CatchUpOptions {
  readonly intervalMs?: number;
  /** Events that are no backlog: what is under way in a system that is in use. */
  readonly fewEvents?: number;
}

/**
 * Shows how far a backlog is from being worked off: events left, rate, time left. The system serves meanwhile.
 * Resolves when the backlog is gone, and says nothing if there was none.
 */
export async function followCatchUp(
  flowUrl: string,
  say: (line: string) => void,
  signal: AbortSignal,
  { intervalMs = 5_000, fewEvents = 1_000 }: CatchUpOptions = {},
): Promise<void> {
  let before: { readonly left: number; readonly at: number } | undefined;
  while (!signal.aborted) {
    const left = await readBehind(flowUrl, signal);
    const at = performance.now();
    if (left !== undefined && left <= fewEvents) {
      if (before !== undefined) say('caught up: reads show everything again');
      return;
    }
    if (left !== undefined) {
      say(progressLine(left, before && { events: before.left - left, ms: at - before.at }));
      before = { left, at };
    }
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** One line of progress; done: what was worked off since the line before. */
function progressLine(left: number, done?: { readonly events: number; readonly ms: number }): string {
  const waiting = `catching up: ${left.toLocaleString('en')} events left`;
  if (done === undefined) return `${waiting}; reads are stale until then`;
  const perSecond = (done.events / done.ms) * 1_000;
  if (perSecond <= 0) return `${waiting}, no progress`;
  return `${waiting}, ${Math.round(perSecond).toLocaleString('en')}/s, about ${duration(left / perSecond)} to go`;
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

/** Undefined if it is not known right now. */
async function readBehind(url: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    return flow.parse(await response.json()).behind ?? undefined;
  } catch {
    return undefined;
  }
}
