import { eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, versionOf } from './define.ts';
import { applyToggle, type RelationDoc, relationId } from './relation.ts';

/** `mutes/<actor>:<object>`. */
export interface MuteDoc extends RelationDoc {
  /** ISO 8601 instant at which the mute ends by itself, of the newest event; absent if it does not, or is inactive. */
  readonly until?: string;
  /** Position of the last event: live feeds find changes by it. */
  readonly changed: number;
}

const { userMuted, userUnmuted } = eventKinds;

/** Private: nobody but the actor may learn of them. */
export const mutes: Collection<MuteDoc, never> = defineCollection<MuteDoc>()({
  idPrefix: 'actor',
  indexes: [
    { equal: ['actor', 'active'], order: 'position' },
    { equal: ['actor'], order: 'changed' },
  ],
  on: [userMuted, userUnmuted],
  affectedIds: ({ event }) => [relationId(event.actor, event.subject)],
  merge: (doc, recorded) => {
    const { event, position } = recorded;
    const { until: before, changed: last = 0, ...rest } = doc ?? {};
    const known = doc === undefined ? undefined : (rest as RelationDoc);
    const switched = applyToggle(known, recorded, event.name === userMuted.name);
    if (doc && switched === known && position <= last) return doc;
    const { active, version } = switched;
    const isNewest = version?.every((part, i) => part === versionOf(recorded)[i]) === true;
    const own = event.name === userMuted.name ? event.data.until : undefined;
    const until = !active ? undefined : isNewest ? own : before;
    return {
      ...({ actor: event.actor, object: event.subject, ...switched } as RelationDoc),
      ...(until === undefined ? {} : { until }),
      changed: Math.max(last, position),
    };
  },
  topics: ({ actor }) => [`viewer:${actor}`],
});
