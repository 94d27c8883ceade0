export { type FreshDatabase, freshDatabase, freshMongoUrl } from './fresh-database.ts';
export { type FreshServer, freshNats, freshRedis } from './fresh-servers.ts';
export { type Servers, useServers } from './servers.ts';
export { type Account, type System, type SystemOptions, startSystem } from './start-system.ts';
