import { badInput } from '@rookery/graphql-server';
import { readMarkerId } from '@rookery/read-models';
import { type EventData, eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { defineCommand } from './command.ts';

type MarkedList = EventData<'rookery.user.list-read'>['list'];

/** Commands come in any order: the greatest position counts, so a marker never moves back. */
const markRead = (list: MarkedList) =>
  defineCommand({
    emits: eventKinds.userListRead,
    unordered: true,
    input: z.object({ cursor: z.string() }),
    lookUp: async ({ cursor }, lookup) => lookup.positionOf(list, cursor),
    decide: ({ actor, known }) => {
      if (known === undefined) throw badInput('cursor', 'This is not a cursor of this list.');
      return { name: 'rookery.user.list-read', subject: actor, data: { list, upTo: known } };
    },
    payload: ({ actor }) => ({ marker: { markerId: readMarkerId(actor, list) } }),
  });

export const markNotificationsRead = markRead('notifications');
export const markFeedRead = markRead('friends-feed');

const friendsFeedSetting = eventKinds.userFriendsFeedSet.data;

export const setFriendsFeed = defineCommand({
  emits: eventKinds.userFriendsFeedSet,
  input: z.object(friendsFeedSetting.shape),
  lookUp: async () => undefined,
  decide: ({ actor, input }) => ({ name: 'rookery.user.friends-feed-set', subject: actor, data: input }),
  payload: ({ data }) => ({ setting: data as z.infer<typeof friendsFeedSetting> }),
});

const { kind, from } = eventKinds.userNotificationsSet.data.shape;
const setting = z.object({
  // Not SIGN_IN: whoever has stolen a session could hide the next one.
  kind: kind.extract(['FOLLOW', 'FOLLOW_REQUEST', 'LIKE', 'SHARE', 'REPLY', 'QUOTE', 'MENTION', 'EDIT'], {
    error: 'cannot be chosen for this kind',
  }),
  from,
});

export const setNotifications = defineCommand({
  emits: eventKinds.userNotificationsSet,
  input: setting,
  lookUp: async () => undefined,
  decide: ({ actor, input }) => ({ name: 'rookery.user.notifications-set', subject: actor, data: input }),
  payload: ({ data }) => ({ setting: data as z.infer<typeof setting> }),
});
