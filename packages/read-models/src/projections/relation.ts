import type { EventKind, RecordedEvent } from '@rookery/schema/events';
import {
  type Collection,
  type CountedSet,
  defineCollection,
  newer,
  type Version,
  versionOf,
} from './define.ts';

/** An event that switched something on. */
export interface Act {
  readonly version: Version;
  readonly position: number;
  /** ISO 8601 instant. */
  readonly at: string;
  /** Says that the act is not enough by itself (see FollowDoc). */
  readonly kind?: ActKind;
}

/** An act that asks for an approval, or that was accepted although nobody knew whether it needs one. */
export type ActKind = 'ask' | 'guess';

/**
 * A setting that is on or off: the newest event decides `active`. If it is on, `position` and `since` are
 * those of the act that last switched it on from off, and null otherwise. They are derived from `off` and
 * `ons`, which are absent if the other fields imply them (see applyToggle).
 */
export interface Switch {
  readonly active: boolean;
  /** Version of the newest event. */
  readonly version: Version | null;
  readonly position: number | null;
  /** ISO 8601 instant. */
  readonly since: string | null;
  /** Version of the newest event that switched it off; left out if that is `version`, or if there is none. */
  readonly off?: Version;
  /** The first act, and those after the newest event that switched it off; oldest first. */
  readonly ons?: readonly Act[];
  /** Greatest position of an event that switched it off; left out if there is none. */
  readonly ended?: number;
}

/** `<collection>/<actor>:<object>`: a choice of the actor's about a post or a user. */
export interface RelationDoc extends Switch {
  readonly actor: string;
  /** A post, or a user. */
  readonly object: string;
  readonly version: Version;
}

/** A relation with the position of its last event, by which live feeds find changes. */
export interface TrackedRelationDoc extends RelationDoc {
  readonly changed: number;
}

/** Returns the id of a relation. */
export const relationId = (actor: string, object: string): string => `${actor}:${object}`;

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
    ...(kept.length > 1 || start.kind ? { ons: kept } : {}),
    ...(ended === undefined ? {} : { ended }),
  };
};

/** Returns the version of the newest event that switched it off; null if there is none. */
export const newestUndo = (state: Switch): Version | null => historyOf(state).off;

/** Returns whether any act that is kept is not enough by itself. */
export const hasKinds = ({ ons = [] }: Switch): boolean => ons.some(({ kind }) => kind !== undefined);

/** Returns the acts after the newest undo, oldest first, as far as they are kept. */
export const actsInForce = (state: Switch): readonly Act[] => {
  const { off, ons } = historyOf(state);
  return ons.filter((act) => isAfter(off, act));
};

/** Applies an event that switches the relation on or off. Returns the given document if nothing changes. */
export const applyToggle = <Before extends Switch>(
  before: Before | undefined,
  recorded: RecordedEvent,
  on: boolean,
  kind?: ActKind,
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
  const act: Act = { version, position, at: event.time, ...(kind ? { kind } : {}) };
  const ons = withAct(history.ons, act);
  // An act before the newest undo matters only if it is the very first.
  const forgotten = !newer(version, off) && ons[0]?.version !== version;
  return before && (ons === history.ons || forgotten) ? before : present({ ...history, ons });
};

/** Applies an event to a relation between actor and subject, and tracks it. Returns the given document if nothing changes. */
export const applyTracked = (
  doc: TrackedRelationDoc | undefined,
  recorded: RecordedEvent,
  on: boolean,
): TrackedRelationDoc => {
  const { event, position } = recorded;
  const { changed: last = 0, ...rest } = doc ?? {};
  const known = doc === undefined ? undefined : (rest as RelationDoc);
  const switched = applyToggle(known, recorded, on);
  if (doc && switched === known && position <= last) return doc;
  return {
    ...({ actor: event.actor, object: event.subject, ...switched } as RelationDoc),
    changed: Math.max(last, position),
  };
};

/** Returns the parts that all collections of relations between actor and subject have in common. */
export const relationParts = <On extends EventKind, Off extends EventKind>(on: On, off: Off) => ({
  idPrefix: 'actor' as const,
  on: [on, off],
  affectedIds: ({ event }: RecordedEvent) => [relationId(event.actor, event.subject)],
});

/** Input of relation. */
interface NewRelation<Count extends string> extends Pick<Collection<RelationDoc>, 'indexes' | 'topics'> {
  readonly counts?: Readonly<Record<Count, CountedSet<RelationDoc>>>;
  readonly on: EventKind;
  readonly off: EventKind;
}

/** Defines a collection of relations between actor and subject, by the two kinds of event that start and end one. */
export const relation = <Count extends string = never>({
  on,
  off,
  ...parts
}: NewRelation<Count>): Collection<RelationDoc, Count> =>
  defineCollection<RelationDoc>()<EventKind, Count>({
    ...parts,
    ...relationParts(on, off),
    merge: (doc, recorded) => {
      const { event } = recorded;
      const switched = applyToggle(doc, recorded, event.name === on.name);
      if (switched === doc) return doc;
      return { actor: event.actor, object: event.subject, ...switched } as RelationDoc;
    },
  });
