/**
 * Returns the name of the consumer of the standby of a projection. Unlike other consumers it is optional:
 * RECORDED keeps nothing for a standby that is down, which reads the missed events from the event store.
 */
export const standbyOf = (projection: string): string => `${projection}-standby`;
/** Consumer of the query subgraphs that push notifications. Optional as well: what is old is not pushed. */
export const pushConsumer = 'push';
/** Returns whether RECORDED keeps events for a consumer only while it is pulled from. */
export const isOptional = (consumer: string): boolean => isStandby(consumer) || consumer === pushConsumer;
export const isStandby = (consumer: string): boolean => consumer.endsWith('-standby');
