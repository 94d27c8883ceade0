export { isRedisAddress } from './address.ts';
export { type Channels, openChannels } from './channels.ts';
export { isCluster, openRedisClient, type RedisClient } from './client.ts';
export { mastersOf } from './slots.ts';
