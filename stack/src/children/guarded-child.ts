import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Whom a child runs as; only root may choose. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Must be a folder that `user` can reach. */
  readonly cwd?: string;
  readonly user?: UserIds | undefined;
  /** Standard output and error are appended here; without it they are dropped. */
  readonly logFile?: string | undefined;
  /** Take standard output as a stream, and let standard error through to this process's own. Instead of logFile. */
  readonly talks?: boolean;
  /** What the child gets when this process has died; SIGKILL follows after 5 s. */
  readonly deathSignal?: 'TERM' | 'INT' | 'KILL';
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child that cannot outlive this process, however this process ends. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly hasExited: boolean;
  /** Size of its log file when it began, in bytes; 0 without one. */
  readonly logStart: number;
  /** Where `talks` was asked for. */
  readonly stdout: Readable | null;
  kill(signal: NodeJS.Signals): void;
  /** Sends the signal, and SIGKILL to the whole group if the child is still there after `patience` ms. */
  stop(signal?: NodeJS.Signals, patience?: number): Promise<Exit>;
}

/**
 * The shell becomes the command (same pid), after leaving a watcher behind in the same process group. The watcher
 * reads descriptor 3, whose other end only this process holds: a line means that the child has ended; end of file
 * without a line means that this process is gone, by SIGKILL too. Needs nothing but sh, so it works for any user
 * and on any Unix (prctl's parent-death signal is Linux only and is lost on a change of user). A zombie counts as
 * ended: where process 1 reaps late, the watcher does not wait for it.
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

/** @throws where the command can't be spawned at all */
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
    async stop(signal = 'SIGTERM', patience = 5000) {
      kill(signal);
      const timer = new AbortController();
      const late = delay(patience, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
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
    // It went between the check and the signal.
  }
}
