import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';

const sessionFile = '/proc/self/autogroup';

/** Linux lets processes without privileges set one session within 100 ms, on the whole machine, and answers the others with EAGAIN. */
const attempts = 20;
const attemptIntervalMs = 150;

/**
 * Lowers the priority of this process to that of work in the background, so that processes that answer requests get a core first.
 * Never raises it, and never throws: with another priority the process does the same, only at other times.
 */
export const lowerPriority = async (
  { BACKGROUND_NICENESS: niceness }: Config<'BACKGROUND_NICENESS'>,
  log: Logger,
): Promise<void> => {
  for (const lower of [lowerThreads, lowerSession])
    try {
      await lower(niceness);
    } catch (error) {
      log.debug(
        { error, niceness },
        'failed to lower the priority of the process, which keeps the one it has',
      );
    }
};

/** Linux has a priority for each thread. Those of the engine, which compile and collect garbage, exist before the first line of code runs. */
const lowerThreads = (niceness: number): void => {
  for (const thread of threadsOf()) if (getPriority(thread) < niceness) setPriority(thread, niceness);
};

const threadsOf = (): number[] => {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
};

/**
 * Lowers the priority of the session. If the kernel groups processes by their sessions (sched_autogroup_enabled), priorities of processes
 * count only within a session.
 *
 * Only the leader does it. A process that a shell, a test or a supervisor started without a session of its own shares that session with
 * others, such as the gateway, and would lower them as well.
 */
const lowerSession = async (niceness: number): Promise<void> => {
  if (!leadsSession()) return;
  const current = Number(/nice (-?\d+)/.exec(readIfPresent(sessionFile))?.[1] ?? niceness);
  if (current >= niceness) return;
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(sessionFile, String(niceness));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || attempt === attempts) throw error;
    }
    await wait(attemptIntervalMs);
  }
};

const leadsSession = (): boolean => {
  // The name of the program, in parentheses, may contain spaces and parentheses. State, parent, group and session follow.
  const [, , , session] = readIfPresent('/proc/self/stat').split(') ').at(-1)?.split(' ') ?? [];
  return Number(session) === process.pid;
};

const readIfPresent = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
