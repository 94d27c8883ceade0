import { notFound } from '@rookery/graphql-server';
import type { EventData, EventName, Verb } from '@rookery/schema/events';
import type { z } from 'zod';
import type { Known, Lookup } from '../lookup.ts';

/** Decision of a command: an event without its id, actor and time. */
export type Fact = {
  [N in EventName]: {
    readonly name: N;
    /** The aggregate; absent if the event creates it, whose id is then that of the event. */
    readonly subject?: string;
    readonly data: EventData<N>;
  };
}[EventName];

interface Given<Input, Knowledge> {
  /** Id of the signed-in user. */
  readonly actor: string;
  readonly input: Input;
  readonly known: Knowledge;
}

/** One thing that a signed-in user can ask for. */
export interface Command<Input extends object = object, Knowledge = unknown> {
  readonly verb: Verb;
  /**
   * Set only if the outcome is the same in whatever order this and the actor's other commands are applied: it creates
   * something, or nothing takes it back. Any other command is ordered after every command of the actor that was
   * answered before it was sent.
   */
  readonly unordered?: true;
  /** Without the idempotency key, which is the executor's business. */
  readonly input: z.ZodType<Input>;
  /** Finds out what the decision depends on. */
  readonly lookUp: (input: Input, lookup: Lookup) => Promise<Knowledge>;
  /** Pure. @throws RookeryError: the refusal that the client sees */
  readonly decide: (given: Given<Input, Knowledge>) => Fact;
}

/** Keeps the types of one command together. */
export const defineCommand = <Input extends object, Knowledge>(
  command: Command<Input, Knowledge>,
): Command<Input, Knowledge> => command;

/** @throws RookeryError NOT_FOUND if it certainly does not exist */
export const mustBeThere = (what: 'User' | 'Post', known: Known<unknown>): void => {
  if (known === 'absent') throw notFound(what);
};
