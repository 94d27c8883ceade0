/**
 * Returns the name of the consumer of the standby of a projection. Unlike other consumers it is optional:
 * RECORDED keeps nothing for a standby that is down, which reads the missed events from the event store.
 */
export const standbyOf = (projection: string): string => `${projection}-standby`;
export const isStandby = (consumer: string): boolean => consumer.endsWith('-standby');
