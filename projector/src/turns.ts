import { setImmediate } from 'node:timers/promises';

/** Number of waiting events from which a projection has a backlog. */
const backlogFrom = 1_000;
/** Time for which a projection without a backlog counts as busy after its last batch. */
const liveForMs = 1_000;
/**
 * Turns of projections with a backlog: how many at once, and how many events in each. Two at once keep the
 * document store and this process busy. While others have no backlog, turns are single and short.
 */
const alone = { atOnce: 2, maxEvents: 1_000 } as const;
const besideLive = { atOnce: 1, maxEvents: 250 } as const;

/** State of the projection that wants to apply events. */
export interface Turn {
  /** First position that it applies. */
  readonly position: number;
  /** Number of events that wait behind those that it has received. */
  readonly waiting: number;
}

/**
 * Divides the time of one process between its projections. A projection without a backlog applies its events at
 * once. Those with a backlog take turns, the one that is furthest behind first: so no backlog delays the new
 * events of others, and all of them receive the same events at about the same time, which are decoded once.
 */
export interface Turns {
  /** @param work applies at most `maxEvents` events */
  take<T>(turn: Turn, work: (maxEvents: number) => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly position: number;
  readonly begin: () => void;
}

export const createTurns = (now: () => number = () => performance.now()): Turns => {
  const waiting: Waiting[] = [];
  let running = 0;
  let liveRunning = 0;
  let liveUntil = Number.NEGATIVE_INFINITY;

  const pace = () => (liveRunning > 0 || now() < liveUntil ? besideLive : alone);

  const admit = (): void => {
    while (running < pace().atOnce && waiting.length > 0) {
      const next = waiting.reduce((a, b) => (b.position < a.position ? b : a));
      waiting.splice(waiting.indexOf(next), 1);
      running += 1;
      next.begin();
    }
  };

  const runLive = async <T>(work: (maxEvents: number) => Promise<T>): Promise<T> => {
    liveRunning += 1;
    try {
      return await work(alone.maxEvents);
    } finally {
      liveRunning -= 1;
      liveUntil = now() + liveForMs;
      admit();
    }
  };

  return {
    async take(turn, work) {
      if (turn.waiting < backlogFrom) return runLive(work);
      await new Promise<void>((resolve) => {
        waiting.push({ position: turn.position, begin: resolve });
        admit();
      });
      try {
        // Messages and answers that have arrived for others go first.
        await setImmediate();
        return await work(pace().maxEvents);
      } finally {
        running -= 1;
        admit();
      }
    },
  };
};
