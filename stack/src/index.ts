export * from './children/guarded-child.ts';
export { whenReady } from './children/when-ready.ts';
export { installPackages } from './install-packages.ts';
export { cloneDir, dataDir } from './layout.ts';
export { metricName } from './names/rules.ts';
export {
  nodeFlags,
  type ProcessName,
  type ProgramName,
  processes,
  processNames,
  processReady,
  programs,
  spawnProcess,
  systemEnv,
} from './processes.ts';
export { type Binary, onPath } from './servers/binary.ts';
export { findCollector, startCollector } from './servers/collector.ts';
export { unpackDebian } from './servers/debian.ts';
export { ensureDatabase } from './servers/ensure-database.ts';
export { buildWithGo, downloadGoModule } from './servers/go-build.ts';
export { findMongoWire, startMongoWire } from './servers/mongo-wire.ts';
export { findNats, startNats } from './servers/nats.ts';
export { freePort } from './servers/ports.ts';
export { findPostgres, postgresDataDir, startPostgres } from './servers/postgres.ts';
export { copyAsStandby } from './servers/postgres-standby.ts';
export { findPrometheus, startPrometheus } from './servers/prometheus.ts';
export { answersPing, findRedis, startRedis } from './servers/redis.ts';
export type { Server } from './servers/server.ts';
