import { type EventData, eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';
import { withNewest } from './newest-of-actors.ts';
import { relationId } from './relation.ts';

type Made = EventData<'rookery.report.made'>;
type Resolved = EventData<'rookery.report.resolved'>;

/** A report, without its object. */
interface Reported extends Made {
  readonly actor: string;
  readonly version: Version;
  /** ISO 8601 instant. */
  readonly at: string;
  readonly position: number;
}

/** `reports/<actor>:<object>`: the newest report of a post or user by somebody. For the actor alone. */
export interface ReportDoc extends Reported {
  readonly object: string;
}

/** `cases/<object>`: the reports about a post or user, and how they were answered. For moderators alone. */
export interface CaseDoc {
  readonly object: string;
  /** Null: no report is known yet. */
  readonly about: Made['about'] | null;
  /** Derived: true if the newest report is newer than the newest answer. */
  readonly open: boolean;
  /** Position of the newest report. */
  readonly position: number | null;
  /** The newest report of each of the newest reporters, newest first. */
  readonly reports: readonly Reported[];
  readonly resolution: {
    readonly outcome: Resolved['outcome'];
    readonly reason: string;
    readonly actor: string;
    readonly version: Version;
    /** ISO 8601 instant. */
    readonly at: string;
  } | null;
}

/** Reporters of a case that are kept, and who learn the outcome. */
const maxReporters = 50;

const { reportMade, reportResolved } = eventKinds;

const isNewer = (a: Reported, b: Reported): boolean => newer(a.version, b.version);

export const reports: Collection<ReportDoc, never> = defineCollection<ReportDoc>()({
  idPrefix: 'actor',
  indexes: [{ equal: ['actor'], order: 'position' }],
  on: [reportMade],
  affectedIds: ({ event }) => [relationId(event.actor, event.subject)],
  merge(before, recorded) {
    const { actor, subject, time, data } = recorded.event;
    const version = versionOf(recorded);
    if (before && !newer(version, before.version)) return before;
    return { ...data, actor, object: subject, version, at: time, position: recorded.position };
  },
});

const withState = (doc: CaseDoc): CaseDoc => {
  const [newest] = doc.reports;
  if (!newest) return doc;
  const open = newer(newest.version, doc.resolution?.version ?? null);
  return { ...doc, open, about: newest.about, position: newest.position };
};

export const cases: Collection<CaseDoc, never> = defineCollection<CaseDoc>()({
  indexes: [{ equal: ['open'], order: 'position' }],
  on: [reportMade, reportResolved],
  affectedIds: ({ event }) => [event.subject],
  merge(before, recorded, id) {
    const { event, position } = recorded;
    const doc: CaseDoc = before ?? {
      ...{ object: id, about: null, open: false, position: null, reports: [], resolution: null },
    };
    const { actor, time: at } = event;
    const version = versionOf(recorded);
    if (event.name === 'rookery.report.made') {
      const report = { ...event.data, actor, version, at, position };
      const after = withNewest(doc.reports, report, isNewer, maxReporters);
      return after === doc.reports ? doc : withState({ ...doc, reports: after });
    }
    if (!newer(version, doc.resolution?.version ?? null)) return doc;
    const { outcome, reason } = event.data;
    return withState({ ...doc, resolution: { outcome, reason, actor, version, at } });
  },
});
