import type { MergeOf, Projection } from './define.ts';

const recordedActivities: MergeOf<'activities'> = {
  collection: 'activities',
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
};

/** Status of each accepted write. */
export const activities: Projection = { name: 'activities', merges: [recordedActivities] };
