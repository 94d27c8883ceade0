import type { EventName, RecordedEvent } from '@rookery/schema/events';
import { type Act, type RelationDoc, relationId, type Switch, type Version } from '@rookery/stores/documents';
import { newer, versionOf } from './define.ts';

/**
 * Newest acts that a switch remembers besides the oldest. An act is the event that switched it on from off; if an undo
 * arrives late, the acts after it say where the switch stands now. Without a bound, somebody who repeats a share for
 * ever would make the document grow for everybody who reads it.
 */
const maxNewest = 16;

/** The parts from which a switch is derived. Each is a function of the set of events, and so is all of it. */
interface History {
  /** Version of the newest event that switched it off. */
  readonly off: Version | null;
  /** Events that switched it on, oldest first: the very first, and the newest ones. */
  readonly ons: readonly Act[];
  /** Greatest position of an event that switched it off. */
  readonly ended?: number | undefined;
}

const isAfter = (off: Version | null, { version }: Act): boolean => newer(version, off);

/** Reads what `present` left out because the other fields say it, as do documents of versions that kept no history. */
const historyOf = ({ active, version, position, since, off, ons, ended }: Switch): History => ({
  off: off ?? (active || version === null ? null : version),
  ons:
    ons ??
    (active && version !== null && position !== null && since !== null
      ? [{ version, position, at: since }]
      : []),
  ended,
});

/** Adds an act, and forgets those that can't matter again. */
const withAct = (ons: readonly Act[], act: Act): readonly Act[] => {
  const at = ons.findIndex(({ version }) => !newer(act.version, version));
  const known = ons[at];
  if (known && !newer(known.version, act.version)) return ons;
  const all = at < 0 ? [...ons, act] : ons.toSpliced(at, 0, act);
  if (all.length <= maxNewest + 1) return all;
  return all[1] === act ? ons : all.toSpliced(1, 1);
};

/**
 * The newest event decides whether it is on. If so it stands where it was last switched on from off: at the oldest
 * act after the newest undo. Repeating an act moves nothing.
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

/** Switches it on or off. Returns what it was given if this event changes nothing. */
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
  // An act that an undo has already taken back matters only if it is the very first.
  const forgotten = !newer(version, off) && ons[0]?.version !== version;
  return before && (ons === history.ons || forgotten) ? before : present({ ...history, ons });
};

/** A relation between the actor and the subject of the two kinds of event that make and end it. */
export const relation = (on: EventName, off: EventName) => ({
  touches: ({ event }: RecordedEvent): readonly string[] =>
    event.name === on || event.name === off ? [relationId(event.actor, event.subject)] : [],
  merge: (doc: RelationDoc | undefined, recorded: RecordedEvent): RelationDoc => {
    const { event } = recorded;
    const switched = applyToggle(doc, recorded, event.name === on);
    if (switched === doc) return doc;
    return { actor: event.actor, object: event.subject, ...switched } as RelationDoc;
  },
});
