import { type Logger, pino } from 'pino';

export type { Logger };

/** Never in a log line, wherever they stand in the object that is logged. */
const secrets = [
  'password',
  'token',
  'authorization',
  'cookie',
  'secret',
  '*.password',
  '*.token',
  '*.authorization',
  '*.cookie',
  '*.secret',
];

/**
 * The one logger of a process: JSON lines on standard output.
 * Make a child by subsystem, `log.child({ subsystem: 'fan-out' })`, and by request, `log.child({ requestId })`.
 */
export const createLog = (name: string, level = process.env.LOG_LEVEL ?? 'info'): Logger =>
  pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets, censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    },
    // As Node itself writes to files and pipes: a line costs half of what it does by way of the thread pool, none is
    // lost with the process, and none waits in memory for a reader that is slow.
    pino.destination({ dest: 1, sync: true }),
  );
