import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import { until } from '../support/eventually.ts';
import { hold } from '../support/live-resources.ts';

/** Returns the environment without variables that vitest and npm set, which the shell of a person lacks. */
export const shellEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_ENV$)/i.test(name)),
  );

/** One of the project's commands, run as a person would, and all that it leaves in the process table. */
export class StackRun {
  readonly #mark = randomUUID();
  readonly #dataDir: string;
  readonly #ownsData: boolean;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #release: () => Promise<void>;
  stdout = '';
  stderr = '';

  /**
   * command: `node bootstrap.mjs start`, as words. ownsData: this run is the one that works on DATA_DIR, so what
   * names that folder, or works in it, is its (Postgres gets no environment that would tell, and Redis writes its
   * title over its own).
   */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>> & { DATA_DIR: string },
    ownsData = false,
  ) {
    this.#ownsData = ownsData;
    const [program = '', ...args] = command;
    this.#dataDir = env.DATA_DIR;
    this.#child = spawn(program, args, {
      cwd: cloneDir,
      env: { ...shellEnv(), ...env, ROOKERY_TEST_MARK: this.#mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.#child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#release = hold(`${command.join(' ')}, process ${this.pid}`, async () => {
      // More than once: what was being started while the first ones were ended is there only now.
      await until('what was started is gone', () => {
        const left = this.processes();
        for (const pid of left) killNow(pid);
        return left.length === 0;
      });
      await this.#exited;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Waits until the command and everything that it started has ended, after an optional signal.
   * @returns its exit code; null if a signal ended it
   */
  async ended(deadline = 60_000): Promise<number | null> {
    await until(
      `${this.pid} ends`,
      () => this.#child.exitCode !== null || this.#child.signalCode !== null,
      deadline,
    );
    // Watchers live slightly longer than the processes that they watch.
    await until('no process is left behind', () => this.processes().length === 0, 30_000).catch(
      (error: Error) => {
        throw new Error(
          `${error.message}: ${this.processes()
            .map((pid) => `${pid} ${commandOf(pid)}`)
            .join('; ')}`,
        );
      },
    );
    await this.#release();
    return this.#exited;
  }

  /** Waits for a line; fails with everything that was said if the command ends before. */
  async says(pattern: RegExp, deadline = 180_000): Promise<RegExpExecArray> {
    let ended = false;
    void this.#exited.then(() => {
      ended = true;
    });
    return until(
      `${pattern}`,
      () => {
        const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (found === null && ended)
          throw new Error(`ended without ${pattern}:\n${this.stdout}${this.stderr}`);
        return found ?? undefined;
      },
      deadline,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.stdout}${this.stderr}`);
    });
  }

  /** Every living process that this run has started: by its environment, or its data folder. Zombies don't live. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => pid !== process.pid && this.#isOurs(pid));
  }

  #isOurs(pid: number): boolean {
    const read = (file: string) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8');
      } catch {
        return ''; // it ended, or belongs to another user
      }
    };
    const stat = read('stat');
    if (stat === '' || /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return false;
    if (read('environ').includes(this.#mark)) return true;
    return (
      this.#ownsData &&
      (read('cmdline').includes(this.#dataDir) || folderOf(pid).startsWith(`${this.#dataDir}/`))
    );
  }

  /** The pid that `npm start` has noted for one of its children. */
  pidOf(name: string): number {
    return Number.parseInt(readFileSync(join(this.#dataDir, 'run', name), 'utf8'), 10);
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

/** Returns the working directory of a process; undefined if it has ended or belongs to another user. */
function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 200);
  } catch {
    return 'which has just ended';
  }
}
