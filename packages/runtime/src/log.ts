import { type Logger, pino } from 'pino';

export type { Logger };

/** Fields that never appear in a log line, at any depth of the logged object. */
const secrets = [
  'password',
  'token',
  'refreshToken',
  'authorization',
  'cookie',
  'secret',
  '*.password',
  '*.token',
  '*.refreshToken',
  '*.authorization',
  '*.cookie',
  '*.secret',
];

/** Bytes of log that are kept in memory while they cannot be written. Further lines are dropped. */
const maxHeldBytes = 1_048_576;

/**
 * Opens standard output. Writes synchronously, as Node does to files and pipes: a line costs half as much as through the
 * thread pool, none is lost with the process, and none waits in memory for a slow reader.
 */
const openStandardOutput = () => {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: maxHeldBytes });
  // Without a listener, a full disk ends the process at its next log line. Held lines are written with the next one.
  destination.on('error', () => {});
  return destination;
};

/**
 * Creates the logger of a process: JSON lines on standard output. Create a child by subsystem, `log.child({
 * subsystem: 'fan-out' })`, and by request, `log.child({ requestId })`.
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
    openStandardOutput(),
  );
