export { opsProcess } from './ops-process.ts';
export { processTree, signalTree } from './process-tree.ts';
export { type FaultProxy, type LinkState, startFaultProxy } from './servers/fault-proxy.ts';
export {
  databaseWithDocuments,
  documentEngines,
  type FreshDatabase,
  freshDatabase,
  freshMongoUrl,
} from './servers/fresh-database.ts';
export {
  type FreshServer,
  freshNats,
  freshPostgres,
  freshRedis,
} from './servers/fresh-servers.ts';
export { lockTable } from './servers/lock-table.ts';
export { freshRedisCluster } from './servers/redis-cluster.ts';
export { provideServers, useServers } from './servers/servers.ts';
export { startSharedServers } from './servers/shared-servers.ts';
export {
  type GatewaySigner,
  gatewaySigner,
  signerOf,
  startGatewayKeys,
  type TokenOptions,
} from './systems/gateway-keys.ts';
export { type SharedSystem, sharedSystem } from './systems/shared-system.ts';
export { startProgram } from './systems/start-program.ts';
export { type Account, type System, startSystem, untilGatewayReads } from './systems/start-system.ts';
