import { type CheckpointDoc, type Projection, projections } from '@rookery/read-models';
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
  /** Events that this step has processed each second lately; null if unknown. */
  readonly perSecond: number | null;
  /** Time until the waiting events are processed, at this rate; null if unknown, or if it stands still. */
  readonly secondsLeft: number | null;
}

/** Answer to the question whether a write could reach a feed now, and how late. */
export interface Flow {
  /** The queue takes writes, and no step is stopped. */
  readonly flowing: boolean;
  /** Events that are accepted and not in every projection yet; null if unknown. */
  readonly behind: number | null;
  /** Age of the oldest of them in milliseconds; null if unknown. */
  readonly lateMs: number | null;
  /** Rate of the projection that needs longest for the events that wait for it; null if unknown. */
  readonly perSecond: number | null;
  /** Time until `behind` is 0, at this rate and without new events; null if unknown, or if it stands still. */
  readonly secondsLeft: number | null;
  readonly queue: boolean;
  readonly steps: readonly FlowStep[];
}

type ReadQueue = Pick<Queue, 'ping' | 'replicas' | 'backlog' | 'lastPublished'>;

/** Progress of one projection. */
export interface ProjectionProgress {
  /** Position up to which it has applied everything. */
  readonly position: number;
  /** Events that it has applied each second lately; null if unknown. */
  readonly perSecond: number | null;
}

export type ProgressOf = (projection: Projection) => ProjectionProgress;

/** Age from which the rate in a checkpoint says nothing about now. */
const maxRateAgeMs = 30_000;

/** Reads how far a projection is from its checkpoint. */
export const progressIn = (checkpoint: CheckpointDoc | undefined, now = Date.now()): ProjectionProgress => {
  if (!checkpoint) return { position: 0, perSecond: null };
  const { position, perSecond = null, at } = checkpoint;
  return { position, perSecond: now - Date.parse(at) > maxRateAgeMs ? 0 : perSecond };
};

const unknownStep = (name: FlowStep['name']): FlowStep => ({
  name,
  state: 'unknown',
  behind: null,
  lateMs: null,
  perSecond: null,
  secondsLeft: null,
});

const secondsFor = (behind: number, perSecond: number | null): number | null => {
  if (behind === 0) return 0;
  return perSecond === null || perSecond <= 0 ? null : Math.ceil(behind / perSecond);
};

const known = (values: readonly (number | null)[]): number[] => values.flatMap((value) => value ?? []);

/** Returns the number of published events that the documents lack; 0 if it is unknown. */
const missingIn = (progress: ProjectionProgress | undefined, lastPublished: number | undefined): number =>
  progress === undefined || lastPublished === undefined ? 0 : lastPublished - progress.position;

/** Returns the step that needs longest: one that makes no progress before all others. */
const slowestOf = (steps: readonly FlowStep[]): FlowStep | undefined => {
  const timeOf = ({ secondsLeft }: FlowStep): number => secondsLeft ?? Number.POSITIVE_INFINITY;
  return steps.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
};

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
    const progress = name === 'recorder' ? undefined : progressOf?.(name);
    // An acknowledged event counts only once the documents that are read here have it.
    const behind = Math.max(events, missingIn(progress, lastPublished));
    const oldest = behind === 0 ? now : Date.parse(oldestAt ?? '');
    const perSecond = progress?.perSecond ?? null;
    return {
      name,
      state: isWorking ? 'working' : 'stopped',
      behind: name === 'recorder' || progressOf !== undefined ? behind : null,
      lateMs: Number.isNaN(oldest) ? null : Math.max(0, now - oldest),
      perSecond,
      secondsLeft: secondsFor(behind, perSecond),
    };
  };
  const names = ['recorder', ...projections] as const;
  const steps = takesWrites ? await Promise.all(names.map(step)) : names.map(unknownStep);

  const [recorder, ...projecting] = steps;
  const slowest = known(projecting.map(({ behind }) => behind));
  const isKnown = slowest.length === projecting.length && recorder?.behind != null;
  const ages = known(steps.map(({ lateMs }) => lateMs));
  const longest = slowestOf(projecting);
  const behind = isKnown ? (recorder.behind ?? 0) + Math.max(...slowest) : null;
  return {
    flowing: takesWrites && steps.every(({ state }) => state !== 'stopped'),
    behind,
    lateMs: ages.length > 0 ? Math.max(...ages) : null,
    perSecond: longest?.perSecond ?? null,
    secondsLeft: behind === null ? null : secondsFor(behind, longest?.perSecond ?? null),
    queue: takesWrites,
    steps,
  };
};
