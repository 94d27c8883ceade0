import type { Rejection, Verb } from '@rookery/schema/events';
import { defineCollection, defineProjection } from './define.ts';

/** `activities/<eventId>`. */
export interface ActivityDoc {
  readonly actor: string;
  readonly verb: Verb;
  readonly subject: string;
  /** ISO 8601 instant. */
  readonly acceptedAt: string;
  readonly position: number;
  /** Why the recorder refused it; absent if it did not. */
  readonly rejected?: Rejection;
}

const receipts = defineCollection<ActivityDoc>()({
  indexes: [],
  on: 'every event',
  affectedIds: ({ event }) => [event.id],
  merge: (doc, { event, position }) =>
    doc ?? {
      actor: event.actor,
      verb: event.verb,
      subject: event.subject,
      acceptedAt: event.time,
      position,
      ...(event.name === 'rookery.command.rejected' ? { rejected: event.data.reason } : {}),
    },
});

/** Status of each accepted write. */
export const activities = defineProjection({ name: 'activities', collections: { activities: receipts } });
