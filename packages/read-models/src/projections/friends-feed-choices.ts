import { type EventData, eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';
import { applyTracked, relationParts, type TrackedRelationDoc } from './relation.ts';

const { userSharesHidden, userSharesShown, userFriendsFeedSet } = eventKinds;

/** `hiddenShares/<actor>:<object>`. Private: nobody but the actor may learn of them. */
export const hiddenShares: Collection<TrackedRelationDoc, never> = defineCollection<TrackedRelationDoc>()({
  ...relationParts(userSharesHidden, userSharesShown),
  indexes: [{ equal: ['actor'], order: 'changed' }],
  merge: (doc, recorded) => applyTracked(doc, recorded, recorded.event.name === userSharesHidden.name),
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
