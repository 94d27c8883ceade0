import { flushCompileCache } from 'node:module';
import { ConfigError } from './config.ts';
import { createLog, type Logger } from './log.ts';
import { startTelemetry } from './telemetry.ts';

/** sysexits.h: the configuration is invalid, and a restart does not help. */
const badConfig = 78;

/**
 * Runs a process from its entry file: starts it, stops it on SIGTERM and SIGINT, and exits with a meaningful
 * code (0 stopped, 1 failed, 78 invalid configuration). Resources on the stack are disposed of in reverse
 * order, within SHUTDOWN_TIMEOUT milliseconds.
 */
export const run = async (
  name: string,
  start: (resources: AsyncDisposableStack, log: Logger) => Promise<void>,
): Promise<void> => {
  const log = createLog(name);
  const resources = new AsyncDisposableStack();
  const limit = Number(process.env.SHUTDOWN_TIMEOUT) || 8_000;

  let stopping = false;
  const stop = async (why: string, code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error({ limit }, 'did not stop in time');
      process.exit(code || 1);
    }, limit).unref();
    try {
      await resources.disposeAsync();
    } catch (error) {
      log.error({ error }, 'failed while stopping');
      process.exit(code || 1);
    }
    log.info('stopped');
    process.exit(code);
  };

  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  // Continuing in an unknown state is worse than a restart.
  process.on('uncaughtException', (error) => {
    log.fatal({ error }, 'uncaught exception');
    void stop('uncaught exception', 1);
  });
  process.on('unhandledRejection', (error) => {
    log.fatal({ error }, 'unhandled rejection');
    void stop('unhandled rejection', 1);
  });

  try {
    // Added first and disposed of last, so that it also reports the end of the others.
    resources.use(await startTelemetry(name));
    await start(resources, log);
    log.info('started');
    // Node writes it at the exit, which a process that is killed never reaches. Does nothing without NODE_COMPILE_CACHE.
    flushCompileCache();
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${name}: ${error.message.replaceAll('\n', `\n${name}: `)}\n`);
      process.exit(badConfig);
    }
    log.fatal({ error }, 'failed to start');
    await stop('failed to start', 1);
  }
};
