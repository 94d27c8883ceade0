import { type Act, type RelationDoc, relationId, type Switch, type Version } from '@rookery/read-models';
import type { EventName, RecordedEvent } from '@rookery/schema/events';
import { newer, versionOf } from './define.ts';

/**
 * Number of newest acts that a relation keeps besides the oldest. An act is an event that switches the
 * relation on. If an undo arrives late, the acts after it determine the current position. The bound
 * prevents a user who repeats a share forever from growing the document for all readers.
 *
 * A document of bounded size cannot give the exact position for every order of events: any act may turn out to be the
 * first one after an undo that is still to come. Beyond the bound the position is that of the oldest kept act after the
 * newest undo. On and off are always exact.
 */
const maxNewest = 16;

/**
 * State from which a relation is derived. Each part is a function of the set of events, so the whole is one
 * as well.
 */
interface History {
  /** Version of the newest event that switched the relation off. */
  readonly off: Version | null;
  /** Events that switched the relation on, oldest first: the first one and the newest ones. */
  readonly ons: readonly Act[];
  /** Greatest position of an event that switched the relation off. */
  readonly ended?: number | undefined;
}

const isAfter = (off: Version | null, { version }: Act): boolean => newer(version, off);

/**
 * Restores the history, including the parts that `present` omits because other fields imply them. Documents
 * of older versions have no history.
 */
const historyOf = ({ active, version, position, since, off, ons, ended }: Switch): History => ({
  off: off ?? (active || version === null ? null : version),
  ons:
    ons ??
    (active && version !== null && position !== null && since !== null
      ? [{ version, position, at: since }]
      : []),
  ended,
});

/** Adds an act and drops those that can no longer matter. */
const withAct = (ons: readonly Act[], act: Act): readonly Act[] => {
  const at = ons.findIndex(({ version }) => !newer(act.version, version));
  const known = ons[at];
  if (known && !newer(known.version, act.version)) return ons;
  const all = at < 0 ? [...ons, act] : ons.toSpliced(at, 0, act);
  if (all.length <= maxNewest + 1) return all;
  return all[1] === act ? ons : all.toSpliced(1, 1);
};

/**
 * Derives the visible state. The newest event decides whether the relation is on. Its position is that of the
 * oldest act after the newest undo, so repeating an act moves nothing.
 */
const present = ({ off, ons, ended }: History): Switch => {
  const [oldest] = ons;
  const newest = ons.at(-1);
  const current = ons.filter((act) => isAfter(off, act));
  const [start] = current;
  if (!start || !newest) {
    const kept = { ...(oldest ? { ons: [oldest] } : {}), ...(ended === undefined ? {} : { ended }) };
    return { active: false, version: off, position: null, since: null, ...kept };
  }
  const kept = oldest && oldest !== start ? [oldest, ...current] : current;
  return {
    active: true,
    version: newest.version,
    position: start.position,
    since: start.at,
    ...(off ? { off } : {}),
    ...(kept.length > 1 ? { ons: kept } : {}),
    ...(ended === undefined ? {} : { ended }),
  };
};

/** Applies an event that switches the relation on or off. Returns the given document if nothing changes. */
export const applyToggle = <Before extends Switch>(
  before: Before | undefined,
  recorded: RecordedEvent,
  on: boolean,
): Before | Switch => {
  const version = versionOf(recorded);
  const history: History = before ? historyOf(before) : { off: null, ons: [] };
  const { position, event } = recorded;
  const { off, ended = 0 } = history;
  if (!on) {
    const decides = newer(version, off);
    if (before && !decides && position <= ended) return before;
    return present({ ...history, off: decides ? version : off, ended: Math.max(ended, position) });
  }
  const ons = withAct(history.ons, { version, position, at: event.time });
  // An act before the newest undo matters only if it is the very first.
  const forgotten = !newer(version, off) && ons[0]?.version !== version;
  return before && (ons === history.ons || forgotten) ? before : present({ ...history, ons });
};

/** Returns the reducer of a relation between actor and subject, from the two kinds of event that start and end it. */
export const relation = (on: EventName, off: EventName) => ({
  affectedIds: ({ event }: RecordedEvent): readonly string[] =>
    event.name === on || event.name === off ? [relationId(event.actor, event.subject)] : [],
  merge: (doc: RelationDoc | undefined, recorded: RecordedEvent): RelationDoc => {
    const { event } = recorded;
    const switched = applyToggle(doc, recorded, event.name === on);
    if (switched === doc) return doc;
    return { actor: event.actor, object: event.subject, ...switched } as RelationDoc;
  },
});
