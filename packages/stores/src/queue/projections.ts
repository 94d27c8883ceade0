/**
 * Every projection, by name. Each has a durable consumer on RECORDED, which keeps a message until all of them
 * have acknowledged it; so a name is added here in the same step as the code that applies it.
 */
export const projections = ['profiles', 'posts', 'reactions', 'feeds', 'activities'] as const;
export type Projection = (typeof projections)[number];

/**
 * The consumer of a projection's standby. Unlike a projection's own, it comes and goes: RECORDED keeps nothing for a
 * standby that is not there, and what it has missed is in the event store.
 */
export const standbyOf = (projection: string): string => `${projection}-standby`;
export const isStandby = (consumer: string): boolean => consumer.endsWith('-standby');
