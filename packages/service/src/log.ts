import { writeSync } from 'node:fs';
import { type Logger, type LoggerOptions, pino } from 'pino';

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

/** A line waits for others for so long at the most, in milliseconds, and for so many bytes of them. */
const gather = { time: 100, bytes: 8_192 };
/** From here on a line is written at once: what went wrong must be there, however the process ends. */
const urgent = 40;

/** Standard output, several lines at a time: a write for each would cost a busy gateway a tenth of its time. */
const gatheringOutput = () => {
  let waiting = '';
  const flush = (): void => {
    const lines = Buffer.from(waiting);
    waiting = '';
    try {
      for (let written = 0; written < lines.length; ) written += writeAll(lines, written);
    } catch {
      // Nobody reads it any more.
    }
  };
  const write = (line: string): void => {
    waiting += line;
    if (waiting.length >= gather.bytes) flush();
  };
  setInterval(flush, gather.time).unref();
  process.on('exit', flush);
  return { output: { write }, flush };
};

/** @returns how many bytes were taken: none while a pipe is full */
const writeAll = (lines: Buffer, from: number): number => {
  try {
    return writeSync(1, lines, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    // Whoever reads is slow; losing lines is worse than waiting.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
};

/**
 * The one logger of a process: JSON lines on standard output.
 * Make a child by subsystem, `log.child({ subsystem: 'fan-out' })`, and by request, `log.child({ requestId })`.
 */
export const createLog = (name: string, level = process.env.LOG_LEVEL ?? 'info'): Logger => {
  const { output, flush } = gatheringOutput();
  const options: LoggerOptions = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets, censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    hooks: {
      logMethod(args, method, number) {
        method.apply(this, args);
        if (number >= urgent) flush();
      },
    },
  };
  return pino(options, output);
};
