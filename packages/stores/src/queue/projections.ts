/**
 * Every projection, by name. Each has a durable consumer on RECORDED, which keeps a message until all of them
 * have acknowledged it; so a name is added here in the same step as the code that applies it.
 */
export const projections = ['profiles', 'posts', 'reactions', 'feeds', 'activities'] as const;
export type Projection = (typeof projections)[number];
