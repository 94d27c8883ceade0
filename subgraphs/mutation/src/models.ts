import type { Envelope, Verb } from '@rookery/schema/events';
import type { Activity } from '../generated/resolvers.ts';

/** A user as this subgraph hands it on: its key, and what an account knows by itself. */
export interface UserRef {
  readonly id: string;
  readonly handle?: string;
  /** ISO 8601 instant. */
  readonly joinedAt?: string;
  /** Scopes of the access tokens; for sessions alone. */
  readonly scopes?: readonly string[];
}

/** A post as this subgraph hands it on: its key. */
export interface PostRef {
  readonly id: string;
}

/** A list of accounts as this subgraph hands it on: its key. */
export interface ListRef {
  readonly id: string;
}

export type Receipt = Omit<Activity, 'actor'> & { actor: UserRef };

/** Returns the receipt of an event that the queue has acknowledged. */
export const receipt = (verb: Verb, event: Pick<Envelope, 'id' | 'actor' | 'time'>): Receipt => ({
  id: event.id,
  verb,
  actor: { id: event.actor },
  status: 'QUEUED',
  acceptedAt: event.time,
  position: null,
  reason: null,
});
