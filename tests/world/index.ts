export { type FreshDatabase, freshDatabase, freshMongoUrl } from './fresh-database.ts';
export { type FreshServer, freshNats, freshRedis } from './fresh-servers.ts';
export { provideServers, type Servers, useServers } from './servers.ts';
export { startSharedServers } from './shared-servers.ts';
export { type Account, type System, type SystemOptions, startSystem } from './start-system.ts';
