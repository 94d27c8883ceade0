import { type EventKind, eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { type Collection, defineCollection, isSameVersion, versionOf } from './define.ts';
import { applyTracked, type RelationDoc, relationParts, type TrackedRelationDoc } from './relation.ts';

/** `mutes/<actor>:<object>`, and `mutedThreads/<actor>:<first post>`. */
export interface MuteDoc extends TrackedRelationDoc {
  /** ISO 8601 instant at which the mute ends by itself, of the newest event; absent if it does not, or is inactive. */
  readonly until?: string;
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
const mergeMute = (doc: MuteDoc | undefined, recorded: RecordedEvent, on: boolean): MuteDoc => {
  const { until: before, ...rest } = doc ?? {};
  const known = doc === undefined ? undefined : (rest as TrackedRelationDoc);
  const tracked = applyTracked(known, recorded, on);
  if (doc && tracked === known) return doc;
  const isNewest = isSameVersion(tracked.version, versionOf(recorded));
  const own = on ? (recorded.event.data as { readonly until?: string }).until : undefined;
  const until = !tracked.active ? undefined : isNewest ? own : before;
  return { ...tracked, ...(until === undefined ? {} : { until }) };
};

/** Parts of a collection of mutes. All of them are private: nobody but the actor may learn of them. */
const parts = <On extends EventKind, Off extends EventKind>(on: On, off: Off) => ({
  ...relationParts(on, off),
  topics: ({ actor }: RelationDoc) => [`viewer:${actor}` as const],
});

const byPosition = { equal: ['actor', 'active'], order: 'position' };
const byChange = { equal: ['actor'], order: 'changed' };

const mutesOf = (on: EventKind, off: EventKind): Collection<MuteDoc, never> =>
  defineCollection<MuteDoc>()({
    ...parts(on, off),
    indexes: [byPosition, byChange],
    merge: (doc, recorded) => mergeMute(doc, recorded, recorded.event.name === on.name),
  });

export const mutes = mutesOf(eventKinds.userMuted, eventKinds.userUnmuted);
export const mutedThreads = mutesOf(eventKinds.postThreadMuted, eventKinds.postThreadUnmuted);

const { userWordMuted, userWordUnmuted } = eventKinds;

export const mutedWords: Collection<MutedWordDoc, never> = defineCollection<MutedWordDoc>()({
  ...parts(userWordMuted, userWordUnmuted),
  indexes: [{ equal: ['actor', 'active'], order: 'ends' }, byChange],
  merge: (doc, recorded) => {
    const { word: known, ends: _before, ...before } = doc ?? { word: undefined };
    const { event } = recorded;
    const mute = doc === undefined ? undefined : (before as MuteDoc);
    const merged = mergeMute(mute, recorded, event.name === userWordMuted.name);
    if (doc && merged === mute) return doc;
    const ends = merged.until === undefined ? never : Date.parse(merged.until);
    return { ...merged, word: known ?? event.data.word, ...(merged.active ? { ends } : {}) };
  },
});
