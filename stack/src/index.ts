export * from './children/guarded-child.ts';
export { identify, isAlive } from './children/process-identity.ts';
export { StartError, whenReady } from './children/when-ready.ts';
export { installPackages } from './install-packages.ts';
export { cloneDir, dataDir, downloadsDir } from './layout.ts';
export {
  nodeFlags,
  type ProcessName,
  processes,
  processNames,
  processReady,
  type SystemSettings,
  spawnProcess,
  systemEnv,
} from './processes.ts';
export { type Binary, onPath } from './servers/binary.ts';
export { type DebianSet, type Unpacked, unpackDebian } from './servers/debian.ts';
export { ensureDatabase } from './servers/ensure-database.ts';
export { findMongoWire, type MongoWireBinary, startMongoWire } from './servers/mongo-wire.ts';
export { findNats, startNats } from './servers/nats.ts';
export { freePort, isFree } from './servers/ports.ts';
export { findPostgres, postgresDataDir, startPostgres } from './servers/postgres.ts';
export { answersPing, findRedis, startRedis } from './servers/redis.ts';
export type { Server } from './servers/server.ts';
