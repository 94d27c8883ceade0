/**
 * All projections, by name. Each has a durable consumer on RECORDED, which keeps a message until all of them
 * have acknowledged it; so a name is added together with the code that applies it.
 */
export const projections = ['profiles', 'posts', 'reactions', 'feeds', 'activities'] as const;
export type Projection = (typeof projections)[number];

/**
 * Returns the name of the consumer of the standby of a projection. Unlike other consumers it is optional:
 * RECORDED keeps nothing for a standby that is down, which reads the missed events from the event store.
 */
export const standbyOf = (projection: string): string => `${projection}-standby`;
export const isStandby = (consumer: string): boolean => consumer.endsWith('-standby');
