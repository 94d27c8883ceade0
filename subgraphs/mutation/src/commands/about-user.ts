import { badInput } from '@rookery/graphql-server';
import type { Envelope, Verb } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import type { TargetLookup } from '../lookup.ts';
import { type BareName, defineCommand, mustBeThere } from './command.ts';

/** Finds the user whom a command is about. */
type FindUser = (userId: string, lookup: TargetLookup) => ReturnType<TargetLookup['user']>;

export const seenUser: FindUser = (userId, lookup) => lookup.user(userId);
/** Also a user whom a block hides. */
export const anyUser: FindUser = (userId, lookup) => lookup.anyUser(userId);

interface AboutUser<Payload> {
  readonly find: FindUser;
  /** Refusal of a command that the actor gives about themselves. Absent: that is no error. */
  readonly notOneself?: string;
  readonly payload: (event: Envelope) => Payload;
}

/** A command about a user whose event says everything by its kind. */
export const aboutUser = <Payload extends object>(
  emits: { readonly name: BareName; readonly verb: Verb },
  { find, notOneself, payload }: AboutUser<Payload>,
) =>
  defineCommand({
    emits,
    input: z.object({ userId: id }),
    lookUp: ({ userId }, lookup) => find(userId, lookup),
    decide: ({ actor, input: { userId }, known }) => {
      if (notOneself !== undefined && userId === actor) throw badInput('userId', notOneself);
      mustBeThere('User', known);
      return { name: emits.name, subject: userId, data: {} };
    },
    payload,
  });
