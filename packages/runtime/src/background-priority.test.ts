import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('background-priority.ts', import.meta.url));
/** Only Linux has priorities of sessions, and only if its kernel was built with them. */
const hasSessions = existsSync('/proc/self/autogroup');
/** Lower than that of these tests, which their children inherit, and not so low that the children wait long for a busy processor. */
const lower = Math.min(19, getPriority() + 3);
/** As the kernel writes it. */
const lowered = String(lower);

/** Lowers the priority of a process of its own by each of the values, and prints the priorities that it then has. */
const script = `
  import { existsSync, readdirSync, readFileSync } from 'node:fs';
  import { getPriority } from 'node:os';
  const { lowerPriority } = await import(${JSON.stringify(source)});
  const failures = [];
  const log = { debug: ({ error }) => failures.push(error.code) };
  for (const value of process.argv.slice(1)) await lowerPriority({ BACKGROUND_NICENESS: Number(value) }, log);
  const threads = existsSync('/proc/self/task') ? readdirSync('/proc/self/task') : [process.pid];
  const session = existsSync('/proc/self/autogroup') ? readFileSync('/proc/self/autogroup', 'utf8') : '';
  console.log(JSON.stringify({
    threads: [...new Set(threads.map((thread) => getPriority(Number(thread))))],
    session: session.match(/nice (-?\\d+)/)?.[1],
    failures,
  }));`;

interface Priorities {
  /** The different priorities of its threads. */
  readonly threads: readonly number[];
  readonly session?: string;
  /** Codes of the errors that were logged. */
  readonly failures: readonly string[];
}

const run = async (command: string, args: readonly string[]): Promise<Priorities> => {
  // Detached: with a session of its own, so that a mistake lowers nobody else.
  const options: SpawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout } = spawn(command, args, options);
  return JSON.parse(stdout ? await text(stdout) : '');
};

const node = (values: readonly number[], ...flags: string[]) => [
  ...flags,
  '--input-type=module',
  '-e',
  script,
  ...values.map(String),
];
const asLeader = (...values: number[]) => run(process.execPath, node(values));
/** The shell leads the session, since it waits for the process. */
const belowShell = (...values: number[]) =>
  run('/bin/sh', ['-c', '"$0" "$@"; exit $?', process.execPath, ...node(values)]);

describe.concurrent('lowerPriority', () => {
  it('lowers all threads of the process', async () => {
    expect(await asLeader(lower)).toMatchObject({ threads: [lower], failures: [] });
  });

  it('never raises a priority', async () => {
    expect(await asLeader(lower, 1, 0)).toMatchObject({ threads: [lower], failures: [] });
  });

  it.skipIf(!hasSessions)('lowers the session that the process leads', async () => {
    expect(await asLeader(lower, 1)).toMatchObject({ session: lowered, failures: [] });
  });

  it.skipIf(!hasSessions)('leaves the session of others as it is', async () => {
    expect(await belowShell(lower)).toEqual({ threads: [lower], session: '0', failures: [] });
  });

  it.skipIf(!hasSessions)('leaves everything as it is for 0', async () => {
    expect(await asLeader(0)).toMatchObject({ session: '0', failures: [] });
  });

  // Linux refuses a second one within 100 ms, except to root.
  it.skipIf(!hasSessions)('lowers the sessions of processes that start at the same time', async () => {
    const found = await Promise.all([1, 2, 3].map(() => asLeader(lower)));
    expect(found.map(({ session }) => session)).toEqual([lowered, lowered, lowered]);
  });

  it.skipIf(!hasSessions)('goes on if the session is refused', async () => {
    // Node's own permissions: the process may write no file.
    const found = await run(process.execPath, node([lower], '--permission', '--allow-fs-read=*'));
    expect(found).toEqual({ threads: [lower], session: '0', failures: ['ERR_ACCESS_DENIED'] });
  });
});
