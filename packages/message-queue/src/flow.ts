import { type Projection, projections } from '@rookery/read-models';
import type { Queue } from './types.ts';

/** One step of a write on its way from an accepted command to a feed. */
interface FlowStep {
  readonly name: 'recorder' | Projection;
  /** working: somebody takes events. stopped: nobody does. unknown: the queue does not tell. */
  readonly state: 'working' | 'stopped' | 'unknown';
  /** Events that wait for this step; null if unknown. */
  readonly behind: number | null;
  /** Age of the oldest of them in milliseconds; null if unknown. */
  readonly lateMs: number | null;
}

/** Answer to the question whether a write could reach a feed now, and how late. */
export interface Flow {
  /** The queue takes writes, and no step is stopped. */
  readonly flowing: boolean;
  /** Events that are accepted and not in every projection yet; null if unknown. */
  readonly behind: number | null;
  /** Age of the oldest of them in milliseconds; null if unknown. */
  readonly lateMs: number | null;
  readonly queue: boolean;
  readonly steps: readonly FlowStep[];
}

type ReadQueue = Pick<Queue, 'ping' | 'replicas' | 'backlog' | 'lastPublished'>;

/** Position up to which a projection has applied everything. */
export type ProgressOf = (projection: Projection) => number;

const unknownStep = (name: FlowStep['name']): FlowStep => ({
  name,
  state: 'unknown',
  behind: null,
  lateMs: null,
});

const known = (values: readonly (number | null)[]): number[] => values.flatMap((value) => value ?? []);

/**
 * Asks the queue and the documents how a write would fare now. Never rejects: what does not answer is unknown.
 * @param progress reads the progress that the documents hold
 */
export const readFlow = async (queue: ReadQueue, progress: () => Promise<ProgressOf>): Promise<Flow> => {
  const now = Date.now();
  const [takesWrites, lastPublished, progressOf] = await Promise.all([
    queue.ping().then(
      () => true,
      () => false,
    ),
    queue.lastPublished().catch(() => undefined),
    progress().catch(() => undefined),
  ]);

  const step = async (name: FlowStep['name']): Promise<FlowStep> => {
    const backlog = await queue.backlog(name).catch(() => undefined);
    if (backlog === undefined) return unknownStep(name);
    const { isWorking, events, oldestAt } = backlog;
    // An acknowledged event counts only once the documents that are read here have it.
    const missing =
      name === 'recorder' || progressOf === undefined || lastPublished === undefined
        ? 0
        : lastPublished - progressOf(name);
    const behind = Math.max(events, missing);
    const oldest = behind === 0 ? now : Date.parse(oldestAt ?? '');
    return {
      name,
      state: isWorking ? 'working' : 'stopped',
      behind: name === 'recorder' || progressOf !== undefined ? behind : null,
      lateMs: Number.isNaN(oldest) ? null : Math.max(0, now - oldest),
    };
  };
  const names = ['recorder', ...projections] as const;
  const steps = takesWrites ? await Promise.all(names.map(step)) : names.map(unknownStep);

  const [recorder, ...projecting] = steps;
  const slowest = known(projecting.map(({ behind }) => behind));
  const isKnown = slowest.length === projecting.length && recorder?.behind != null;
  const ages = known(steps.map(({ lateMs }) => lateMs));
  return {
    flowing: takesWrites && steps.every(({ state }) => state !== 'stopped'),
    behind: isKnown ? (recorder.behind ?? 0) + Math.max(...slowest) : null,
    lateMs: ages.length > 0 ? Math.max(...ages) : null,
    queue: takesWrites,
    steps,
  };
};
