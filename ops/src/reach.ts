import { setTimeout } from 'node:timers/promises';

/** Maximum wait for a server or process. */
const timeoutMs = 3_000;

export interface Reached {
  readonly ok: boolean;
  /** Time until the answer or the time-out. Milliseconds. */
  readonly ms: number;
  /** Reason of the failure; undefined if ok. */
  readonly reason?: string;
  /** Note in the answer. */
  readonly note?: string;
}

/** Asks until there is an answer, since a connection that was just opened may need a moment. Never rejects. */
export const reach = async (ask: () => Promise<unknown>): Promise<Reached> => {
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  for (;;) {
    try {
      const answer = await Promise.race([ask(), tooLate(start + timeoutMs)]);
      return { ok: true, ms: ms(), ...(typeof answer === 'string' && answer !== '' ? { note: answer } : {}) };
    } catch (error) {
      if (performance.now() - start >= timeoutMs) {
        return { ok: false, ms: ms(), reason: error instanceof Error ? error.message : String(error) };
      }
      await setTimeout(100);
    }
  }
};

const tooLate = async (deadline: number): Promise<never> => {
  await setTimeout(Math.max(0, deadline - performance.now()), undefined, { ref: false });
  throw new Error('no answer in time');
};
