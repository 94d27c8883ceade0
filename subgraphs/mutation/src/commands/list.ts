import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id, name } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsList } from './payload.ts';

export const createList = defineCommand({
  emits: eventKinds.listCreated,
  unordered: true,
  input: z.object({ name }),
  lookUp: async () => undefined,
  decide: ({ input }) => ({ name: 'rookery.list.created', data: input }),
  payload: itsList,
});

export const renameList = defineCommand({
  emits: eventKinds.listRenamed,
  input: z.object({ listId: id, name }),
  lookUp: ({ listId }, lookup) => lookup.list(listId),
  decide: ({ input: { listId, name }, known }) => {
    mustBeThere('List', known);
    return { name: 'rookery.list.renamed', subject: listId, data: { name } };
  },
  payload: itsList,
});

export const deleteList = defineCommand({
  emits: eventKinds.listDeleted,
  unordered: true,
  input: z.object({ listId: id }),
  lookUp: ({ listId }, lookup) => lookup.list(listId),
  decide: ({ input: { listId }, known }) => {
    mustBeThere('List', known);
    return { name: 'rookery.list.deleted', subject: listId, data: {} };
  },
  payload: ({ subject }) => ({ deletedListId: subject }),
});

const memberInput = z.object({ listId: id, userId: id });

export const addToList = defineCommand({
  emits: eventKinds.listMemberAdded,
  input: memberInput,
  lookUp: async ({ listId, userId }, lookup) => {
    const [list, user] = await Promise.all([lookup.list(listId), lookup.user(userId)]);
    return { list, user };
  },
  decide: ({ input: { listId, userId }, known }) => {
    mustBeThere('List', known.list);
    mustBeThere('User', known.user);
    return { name: 'rookery.list.member-added', subject: listId, data: { member: userId } };
  },
  payload: itsList,
});

export const removeFromList = defineCommand({
  emits: eventKinds.listMemberRemoved,
  input: memberInput,
  lookUp: async ({ listId, userId }, lookup) => {
    // A member whom a block hides can be removed, too.
    const [list, user] = await Promise.all([lookup.list(listId), lookup.anyUser(userId)]);
    return { list, user };
  },
  decide: ({ input: { listId, userId }, known }) => {
    mustBeThere('List', known.list);
    mustBeThere('User', known.user);
    return { name: 'rookery.list.member-removed', subject: listId, data: { member: userId } };
  },
  payload: itsList,
});
