/** Resolves if the part works; rejects with the reason if it does not. */
type ReadyCheck = () => Promise<unknown>;

type ReadyChecks = Readonly<Record<string, ReadyCheck>>;

/**
 * Checks behind `/health/ready` of one process, by name of the part.
 *
 * A balancer takes a replica out of rotation if it is not ready. So a server that all replicas share must never decide
 * alone: its outage would take out all of them at once, and clients would get no answer instead of a clear error.
 */
export interface Readiness {
  /** The process's own work: it is not ready while one of these fails. */
  readonly own?: ReadyChecks;
  /** Shared servers that it cannot begin without: it becomes ready when each has answered once, and stays ready. */
  readonly atStart?: ReadyChecks;
  /** Shared servers that it can do without: shown to operators, and never a reason to be not ready. */
  readonly shown?: ReadyChecks;
}

type PartState = 'ok' | 'unavailable';

export interface Ready {
  readonly ready: boolean;
  /** The present state of every part. */
  readonly parts: Readonly<Record<string, PartState>>;
  /** Why parts are unavailable: for the log only, because a reason can hold an address. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Longest wait for one check. */
const checkTimeoutMs = 1_000;
/** Longest wait for a check that does not decide, in milliseconds: probes give up after 1 s. */
const shownTimeoutMs = 250;

interface Part {
  readonly name: string;
  readonly kind: keyof Readiness;
  /** Undefined if the part works, else the reason. */
  reason: string | undefined;
  hasAnswered: boolean;
  /** Settles the check that is under way, and does not reject. */
  look(): Promise<void>;
}

const partOf = (kind: keyof Readiness, name: string, check: ReadyCheck): Part => {
  let looking: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), checkTimeoutMs);
    try {
      await Promise.race([check(), late.promise]);
      part.reason = undefined;
      part.hasAnswered = true;
    } catch (error) {
      part.reason = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(timer);
      looking = undefined;
    }
  };
  const part: Part = {
    name,
    kind,
    reason: 'not checked yet',
    hasAnswered: false,
    // One at a time, however many probes ask: a server that hangs must not collect checks.
    look: () => {
      looking ??= run();
      return looking;
    },
  };
  return part;
};

const within = async (ms: number, work: Promise<void>): Promise<void> => {
  const enough = Promise.withResolvers<void>();
  const timer = setTimeout(enough.resolve, ms);
  await Promise.race([work, enough.promise]);
  clearTimeout(timer);
};

const decides = ({ kind, hasAnswered }: Part): boolean =>
  kind === 'own' || (kind === 'atStart' && !hasAnswered);

/** Returns a function that tells whether the process is ready now. It answers within about a second. */
export const createReadiness = (readiness: Readiness): (() => Promise<Ready>) => {
  const kinds = ['own', 'atStart', 'shown'] as const;
  const parts = kinds.flatMap((kind) =>
    Object.entries(readiness[kind] ?? {}).map(([name, check]) => partOf(kind, name, check)),
  );
  return async () => {
    await Promise.all(
      parts.map((part) => (decides(part) ? part.look() : within(shownTimeoutMs, part.look()))),
    );
    return {
      ready: parts.every((part) => !decides(part) || part.reason === undefined),
      parts: Object.fromEntries(
        parts.map(({ name, reason }) => [name, reason === undefined ? 'ok' : 'unavailable']),
      ),
      reasons: Object.fromEntries(
        parts.flatMap(({ name, reason }) => (reason === undefined ? [] : [[name, reason]])),
      ),
    };
  };
};
