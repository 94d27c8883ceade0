import { type EventData, eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';
import { applyToggle, type RelationDoc, relationId } from './relation.ts';

const { userSharesHidden, userSharesShown, userFriendsFeedSet } = eventKinds;

/** `hiddenShares/<actor>:<object>`. */
export interface HiddenSharesDoc extends RelationDoc {
  /** Position of the last event: live feeds find changes by it. */
  readonly changed: number;
}

/** Private: nobody but the actor may learn of them. */
export const hiddenShares: Collection<HiddenSharesDoc, never> = defineCollection<HiddenSharesDoc>()({
  idPrefix: 'actor',
  indexes: [{ equal: ['actor'], order: 'changed' }],
  on: [userSharesHidden, userSharesShown],
  affectedIds: ({ event }) => [relationId(event.actor, event.subject)],
  merge: (doc, recorded) => {
    const { event, position } = recorded;
    const { changed: last = 0, ...rest } = doc ?? {};
    const known = doc === undefined ? undefined : (rest as RelationDoc);
    const switched = applyToggle(known, recorded, event.name === userSharesHidden.name);
    if (doc && switched === known && position <= last) return doc;
    return {
      ...({ actor: event.actor, object: event.subject, ...switched } as RelationDoc),
      changed: Math.max(last, position),
    };
  },
  topics: ({ actor }) => [`viewer:${actor}`],
});

type Choice = EventData<'rookery.user.friends-feed-set'>;
export type FriendsFeedPart = Choice['part'];

/** `friendsFeedSettings/<user>`: the newest decision about each part. */
export interface FriendsFeedSettingsDoc {
  readonly parts: Partial<
    Readonly<Record<FriendsFeedPart, { readonly isShown: boolean; readonly version: Version }>>
  >;
  /** Position of the last event. */
  readonly changed: number;
}

/** Private. */
export const friendsFeedSettings: Collection<FriendsFeedSettingsDoc, never> =
  defineCollection<FriendsFeedSettingsDoc>()({
    indexes: [],
    on: [userFriendsFeedSet],
    affectedIds: ({ event }) => [event.actor],
    merge: (doc, recorded) => {
      const { part, isShown } = recorded.event.data;
      const { parts, changed } = doc ?? { parts: {}, changed: 0 };
      const version = versionOf(recorded);
      const decides = newer(version, parts[part]?.version ?? null);
      if (doc && !decides && recorded.position <= changed) return doc;
      return {
        parts: decides ? { ...parts, [part]: { isShown, version } } : parts,
        changed: Math.max(changed, recorded.position),
      };
    },
    topics: (_doc, user) => [`viewer:${user}`],
  });
