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

/** Level of lines that are written at once. */
const warnLevel = pino.levels.values.warn ?? 40;

/** Length of lines, in characters, from which they are written without waiting for the end of the turn. */
const maxWaiting = 65_536;

/**
 * Writes to standard output, synchronously, as Node does to files and pipes: a line costs half as much as through the
 * thread pool, and none waits in memory for a slow reader. Lines up to level info are written together at the end of a turn of the
 * event loop, and others at once with all before them; those of a process that ends are written before it ends, unless it is killed.
 */
class StandardOutput {
  // pino sets the level of the line that it is about to write.
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  readonly #destination = pino.destination({ dest: 1, sync: true, maxLength: maxHeldBytes });
  #waiting = '';

  constructor() {
    // Without a listener, a full disk ends the process at its next log line. Held lines are written with the next one.
    this.#destination.on('error', () => {});
    process.once('exit', () => this.flushSync());
  }

  write(line: string): void {
    if (this.#waiting === '') setImmediate(() => this.flushSync());
    this.#waiting += line;
    if (this.lastLevel >= warnLevel || this.#waiting.length > maxWaiting) this.flushSync();
  }

  flushSync(): void {
    if (this.#waiting === '') return;
    const lines = this.#waiting;
    this.#waiting = '';
    this.#destination.write(lines);
  }
}

let opened: StandardOutput | undefined;

/** Returns the standard output of this process, which is opened once. */
const standardOutput = (): StandardOutput => {
  opened ??= new StandardOutput();
  return opened;
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
    standardOutput(),
  );
