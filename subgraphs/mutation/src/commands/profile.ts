import { badInput } from '@rookery/graphql-server';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { bio, name, optional } from '../input.ts';
import { defineCommand } from './command.ts';
import { itsUser } from './payload.ts';

export const updateProfile = defineCommand({
  emits: eventKinds.userProfileUpdated,
  // A bio can be taken away by null; a name can't, so there null says as little as its absence.
  input: z.object({ name: optional(name), bio: bio.nullable().optional(), protected: optional(z.boolean()) }),
  lookUp: async () => undefined,
  decide: ({ actor, input: { name, bio, protected: isProtected } }) => {
    if (name === undefined && bio === undefined && isProtected === undefined)
      throw badInput('input', 'There is nothing to change.');
    return {
      name: 'rookery.user.profile-updated',
      subject: actor,
      data: {
        ...(name === undefined ? {} : { name }),
        ...(bio === undefined ? {} : { bio }),
        ...(isProtected === undefined ? {} : { protected: isProtected }),
      },
    };
  },
  payload: itsUser,
});
