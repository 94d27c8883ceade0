import { type EventData, eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';

const { userListRead, userNotificationsSet } = eventKinds;

type MarkedList = EventData<'rookery.user.list-read'>['list'];

/** `readMarkers/<user>:<list>`. */
export interface ReadMarkerDoc {
  readonly user: string;
  readonly list: MarkedList;
  /** Position up to which the user has read the list: the greatest that any of their devices has marked. */
  readonly upTo: number;
}

/** Returns the id of a read marker. */
export const readMarkerId = (user: string, list: MarkedList): string => `${user}:${list}`;

/** Private. A marker only rises, so that devices which mark at the same time cannot move it back. */
export const readMarkers: Collection<ReadMarkerDoc, never> = defineCollection<ReadMarkerDoc>()({
  idPrefix: 'user',
  indexes: [],
  on: [userListRead],
  affectedIds: ({ event }) => [readMarkerId(event.actor, event.data.list)],
  merge: (doc, { event: { actor, data } }) =>
    doc && doc.upTo >= data.upTo ? doc : { user: actor, list: data.list, upTo: data.upTo },
  topics: ({ user }) => [`viewer:${user}`],
});

type Setting = EventData<'rookery.user.notifications-set'>;
export type NotificationSource = Setting['from'];

/** `notificationSettings/<user>`: the newest decision for each kind of notification. Without one it is EVERYONE. */
export interface NotificationSettingsDoc {
  readonly [kind: string]: { readonly from: NotificationSource; readonly version: Version };
}

/** Private. */
export const notificationSettings: Collection<NotificationSettingsDoc, never> =
  defineCollection<NotificationSettingsDoc>()({
    indexes: [],
    on: [userNotificationsSet],
    affectedIds: ({ event }) => [event.actor],
    merge: (doc, recorded) => {
      const { kind, from } = recorded.event.data;
      const version = versionOf(recorded);
      return doc && !newer(version, doc[kind]?.version ?? null) ? doc : { ...doc, [kind]: { from, version } };
    },
    topics: (_doc, user) => [`viewer:${user}`],
  });
