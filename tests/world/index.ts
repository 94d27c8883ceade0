export { type FaultProxy, type LinkState, startFaultProxy } from './fault-proxy.ts';
export { type FreshDatabase, freshDatabase, freshMongoUrl } from './fresh-database.ts';
export { type FreshServer, freshNats, freshPostgres, freshRedis } from './fresh-servers.ts';
export {
  type GatewayKeyServer,
  type GatewaySigner,
  gatewaySigner,
  signerOf,
  startGatewayKeys,
  type TokenOptions,
} from './gateway-keys.ts';
export { processTree, signalTree } from './process-tree.ts';
export { provideServers, type Servers, useServers } from './servers.ts';
export { startSharedServers } from './shared-servers.ts';
export { type Account, type System, type SystemOptions, startSystem } from './start-system.ts';
