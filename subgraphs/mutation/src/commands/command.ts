import { notFound } from '@rookery/graphql-server';
import type { Envelope, EventData, EventName, Verb } from '@rookery/schema/events';
import type { z } from 'zod';
import type { SessionTable } from '../accounts/sessions.ts';
import type { LookupResult, TargetLookup } from '../lookup.ts';

/** Decision of a command: an event without its id, actor and time. */
export type Fact = {
  [N in EventName]: {
    readonly name: N;
    /** The aggregate; absent if the event creates it, whose id is then that of the event. */
    readonly subject?: string;
    readonly data: EventData<N>;
  };
}[EventName];

/** Name of an event that says everything by its kind. */
export type BareName = {
  [N in EventName]: EventData<N> extends Record<string, never> ? N : never;
}[EventName];

interface Given<Input, Knowledge> {
  /** Id of the signed-in user. */
  readonly actor: string;
  readonly input: Input;
  readonly known: Knowledge;
}

/** The part of the sessions that commands change. */
export type AccountChanges = Pick<SessionTable, 'suspend' | 'unsuspend'>;

/** One thing that a signed-in user can ask for. */
export interface Command<
  Input extends object = object,
  Knowledge = unknown,
  Payload extends object = object,
> {
  readonly verb: Verb;
  /**
   * Set only if the outcome is the same in whatever order this and the actor's other commands are applied: it creates
   * something, or nothing takes it back. Any other command is ordered after every command of the actor that was
   * answered before it was sent.
   */
  readonly unordered?: true;
  /** Scope that the token of the actor must have, as the SDL tells the gateway as well. */
  readonly scope?: string;
  /** Without the idempotency key, which is the executor's business. */
  readonly input: z.ZodType<Input>;
  /** Finds out what the decision depends on. */
  readonly lookUp: (input: Input, lookup: TargetLookup) => Promise<Knowledge>;
  /**
   * Returns a time after which the event must be, in milliseconds since the epoch: that of an event by somebody else which it
   * answers, and which a replica with a clock that is ahead may have dated.
   */
  readonly notBefore?: (known: Knowledge) => number;
  /** Pure. @throws RookeryError: the refusal that the client sees */
  readonly decide: (given: Given<Input, Knowledge>) => Fact;
  /**
   * Changes the account that the event is about, before the event is published. If that fails, the command fails and can be
   * repeated: doing it again changes nothing.
   */
  readonly before?: (event: Envelope, sessions: AccountChanges) => Promise<void>;
  /** Returns the payload of an accepted command, without its receipt. */
  readonly payload: (event: Envelope) => Payload;
}

/** Input of defineCommand: the kind of event that the command emits determines its verb. */
interface NewCommand<Input extends object, Knowledge, Payload extends object>
  extends Omit<Command<Input, Knowledge, Payload>, 'verb'> {
  readonly emits: { readonly verb: Verb };
}

/** Defines a command. The name of its export is that of its field of Mutation. */
export const defineCommand = <Input extends object, Knowledge, Payload extends object>({
  emits,
  ...command
}: NewCommand<Input, Knowledge, Payload>): Command<Input, Knowledge, Payload> => ({
  ...command,
  verb: emits.verb,
});

/** @throws RookeryError NOT_FOUND if it certainly does not exist */
export const mustBeThere = (what: 'User' | 'Post' | 'List', known: LookupResult<unknown>): void => {
  if (known === 'absent') throw notFound(what);
};
