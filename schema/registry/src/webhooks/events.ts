/** Events that a webhook may hear of. */
export const eventTypes = [
  'version.published',
  'launch.started',
  'launch.refused',
  'check.finished',
  'change.approved',
  'operations.published',
  'operations.retired',
] as const;

export type EventType = (typeof eventTypes)[number];
