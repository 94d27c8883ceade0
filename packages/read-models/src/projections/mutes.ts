import { type EventKind, eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { type Collection, defineCollection, versionOf } from './define.ts';
import { applyToggle, type RelationDoc, relationId } from './relation.ts';

/** `mutes/<actor>:<object>`, and `mutedThreads/<actor>:<first post>`. */
export interface MuteDoc extends RelationDoc {
  /** ISO 8601 instant at which the mute ends by itself, of the newest event; absent if it does not, or is inactive. */
  readonly until?: string;
  /** Position of the last event: live feeds find changes by it. */
  readonly changed: number;
}

/** `mutedWords/<actor>:<object>`; the object stands for actor and word. */
export interface MutedWordDoc extends MuteDoc {
  /** In canonical form. */
  readonly word: string;
  /** Milliseconds since the epoch at which it ends; `never` if it does not end by itself. Absent while it is inactive. */
  readonly ends?: number;
}

/** The last instant that a Date can have. */
const never = 8_640_000_000_000_000;

/** Applies an event that begins or ends a mute. Returns the given document if nothing changes. */
const mergeMute = (
  doc: MuteDoc | undefined,
  recorded: RecordedEvent,
  on: boolean,
  ownUntil: string | undefined,
): MuteDoc => {
  const { event, position } = recorded;
  const { until: before, changed: last = 0, ...rest } = doc ?? {};
  const known = doc === undefined ? undefined : (rest as RelationDoc);
  const switched = applyToggle(known, recorded, on);
  if (doc && switched === known && position <= last) return doc;
  const { active, version } = switched;
  const isNewest = version?.every((part, i) => part === versionOf(recorded)[i]) === true;
  const own = on ? ownUntil : undefined;
  const until = !active ? undefined : isNewest ? own : before;
  return {
    ...({ actor: event.actor, object: event.subject, ...switched } as RelationDoc),
    ...(until === undefined ? {} : { until }),
    changed: Math.max(last, position),
  };
};

const untilOf = ({ event }: RecordedEvent): string | undefined =>
  (event.data as { readonly until?: string }).until;

/** Parts of a collection of mutes. All of them are private: nobody but the actor may learn of them. */
const parts = (on: EventKind, off: EventKind) => ({
  idPrefix: 'actor' as const,
  on: [on, off],
  affectedIds: ({ event }: RecordedEvent) => [relationId(event.actor, event.subject)],
  topics: ({ actor }: RelationDoc) => [`viewer:${actor}` as const],
});

const byPosition = { equal: ['actor', 'active'], order: 'position' };
const byChange = { equal: ['actor'], order: 'changed' };

const mutesOf = (on: EventKind, off: EventKind): Collection<MuteDoc, never> =>
  defineCollection<MuteDoc>()({
    ...parts(on, off),
    indexes: [byPosition, byChange],
    merge: (doc, recorded) => mergeMute(doc, recorded, recorded.event.name === on.name, untilOf(recorded)),
  });

export const mutes = mutesOf(eventKinds.userMuted, eventKinds.userUnmuted);
export const mutedThreads = mutesOf(eventKinds.postThreadMuted, eventKinds.postThreadUnmuted);

const { userWordMuted, userWordUnmuted } = eventKinds;

export const mutedWords: Collection<MutedWordDoc, never> = defineCollection<MutedWordDoc>()({
  ...parts(userWordMuted, userWordUnmuted),
  indexes: [{ equal: ['actor', 'active'], order: 'ends' }, byChange],
  on: [userWordMuted, userWordUnmuted],
  merge: (doc, recorded) => {
    const { word: known, ends: _before, ...before } = doc ?? { word: undefined };
    const { event } = recorded;
    const mute = doc === undefined ? undefined : (before as MuteDoc);
    const merged = mergeMute(mute, recorded, event.name === userWordMuted.name, untilOf(recorded));
    if (doc && merged === mute) return doc;
    const ends = merged.until === undefined ? never : Date.parse(merged.until);
    return { ...merged, word: known ?? event.data.word, ...(merged.active ? { ends } : {}) };
  },
});
