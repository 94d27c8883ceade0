import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** Number of bytes at the end of the log that are searched. */
const maxBytes = 65_536;
/** Number of characters of a line that are shown. */
const maxLength = 300;

/** Last line of an apt-get that could not fetch its lists; the lines before it name the host and the reason. */
const aptSummary = /^E: Some index files failed to download/;

/**
 * Returns ": " and the line of a log that says why its process ended; "" if there is none.
 * @param from size of the log when the process began: what an earlier run wrote says nothing about this one
 */
export function lastWords(logFile: string | undefined, from = 0): string {
  if (logFile === undefined || !existsSync(logFile)) return '';
  const lines = readFrom(logFile, from)
    .split('\n')
    .filter((line) => line.trim() !== '' && !aptSummary.test(line));
  const line =
    lines.map(fatalMessage).findLast((text) => text !== undefined) ??
    lines.findLast((text) => /fatal|error|fail|denied|no space|in use|^E:| is (wrong|not set)/i.test(text)) ??
    lines.at(-1);
  return line === undefined ? '' : `: ${line.trim().slice(0, maxLength)}`;
}

/** Returns the message of a fatal line of our own JSON logs; undefined for any other line. */
function fatalMessage(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg, error } = JSON.parse(line) as {
      level?: unknown;
      msg?: unknown;
      error?: { message?: unknown };
    };
    if (level !== 'fatal') return undefined;
    return [msg, error?.message].filter((text) => typeof text === 'string').join(': ');
  } catch {
    return undefined; // cut off, or no JSON
  }
}

function readFrom(file: string, from: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(from <= size ? from : 0, size - maxBytes);
    const buffer = Buffer.alloc(size - start);
    readSync(descriptor, buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
