import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** User of a child process; only root may choose it. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory, which `user` must be able to reach. */
  readonly cwd?: string;
  readonly user?: UserIds | undefined;
  /** File to which standard output and error are appended. Without it they are discarded. */
  readonly logFile?: string | undefined;
  /** Instead of logFile: returns standard output as a stream and passes standard error through. */
  readonly talks?: boolean;
  /** Signal that the child receives when this process dies, followed by SIGKILL after 5 s. */
  readonly deathSignal?: 'TERM' | 'INT' | 'KILL';
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that cannot outlive this process, however this process ends. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly hasExited: boolean;
  /** Size of its log file at the start, in bytes; 0 without one. */
  readonly logStart: number;
  /** Present if `talks` is set. */
  readonly stdout: Readable | null;
  kill(signal: NodeJS.Signals): void;
  /** Sends the signal, and SIGKILL to the whole group if the child still runs after `timeoutMs` ms. */
  stop(signal?: NodeJS.Signals, timeoutMs?: number): Promise<Exit>;
}

/**
 * The shell becomes the command (same pid), and leaves a watcher in the same process group. The watcher reads
 * descriptor 3, whose other end only this process holds: a line means that the child has ended; end of file
 * without a line means that this process is gone, even by SIGKILL. It needs only sh, so it works for any user
 * and on any Unix (the parent-death signal of prctl exists only on Linux and is lost on a change of user). A
 * zombie counts as ended: if process 1 reaps late, the watcher does not wait for it.
 */
const guardScript = `
signal=$1; shift
lives() {
  kill -0 $$ || return 1
  read -r stat </proc/$$/stat || return 0
  case "\${stat##*) }" in [ZX]*) return 1 ;; esac
}
(
  trap '' INT TERM HUP QUIT
  exec <&3 3<&- >/dev/null 2>&1
  read -r _ && exit 0
  kill -s "$signal" -- "-$$"
  n=0
  while [ $n -lt 50 ] && lives; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL -- "-$$"
) &
exec "$@" 3<&-
`;

/**
 * Starts a guarded child.
 * @throws if the command cannot be spawned
 */
export async function spawnChild(options: ChildOptions): Promise<Child> {
  const log = options.logFile === undefined ? 'ignore' : openSync(options.logFile, 'a', 0o600);
  const logStart = typeof log === 'number' ? fstatSync(log).size : 0;
  let spawned: ChildProcess;
  try {
    spawned = spawn(
      '/bin/sh',
      ['-c', guardScript, 'guard', options.deathSignal ?? 'TERM', options.command, ...(options.args ?? [])],
      {
        cwd: options.cwd ?? '/',
        env: options.env ?? process.env,
        stdio: ['ignore', options.talks ? 'pipe' : log, options.talks ? 'inherit' : log, 'pipe'],
        detached: true, // its own group: a Ctrl-C in the terminal reaches the supervisor alone
        ...options.user,
      },
    );
  } finally {
    if (typeof log === 'number') closeSync(log);
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    spawned.once('exit', (code, signal) => resolve({ code, signal }));
    spawned.once('error', reject);
  });
  const pipe = spawned.stdio[3] as Duplex;
  pipe.on('error', () => {}); // the watcher may go first
  pipe.resume();
  const { pid } = spawned;
  if (pid === undefined) {
    await exited;
    throw new Error(`${options.name} could not be started`);
  }
  let gone = false;
  void exited.then(() => {
    gone = true;
    pipe.end('ended\n');
  });

  const kill = (signal: NodeJS.Signals) => {
    if (!gone) spawned.kill(signal);
  };
  return {
    name: options.name,
    pid,
    exited,
    logStart,
    stdout: spawned.stdout,
    get hasExited() {
      return gone;
    },
    kill,
    async stop(signal = 'SIGTERM', timeoutMs = 5000) {
      kill(signal);
      const timer = new AbortController();
      const late = delay(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
      if ((await Promise.race([exited, late])) === 'late' && !gone) killGroup(pid);
      timer.abort();
      return exited;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The child ended between the check and the signal.
  }
}
