import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir, freePort, postgresDataDir } from '@rookery/stack';
import { StackRun } from './run-stack.ts';

/** The command of the clone, as words; its own command follows. */
export const bootstrap = [process.execPath, join(cloneDir, 'bootstrap.mjs')];

interface StartAnswer {
  readonly data?: Record<string, unknown>;
  readonly errors?: unknown;
}

/** A data folder and a port on which `npm start` runs, again and again. */
export interface StartFolder extends Disposable {
  readonly dir: string;
  readonly env: Readonly<
    Record<'DATA_DIR' | 'GATEWAY_PORT' | 'READ_AFTER_TIMEOUT' | 'LOOKUP_TIMEOUT', string>
  >;
  readonly gatewayUrl: string;
  /** Starts the system, which works on the folder. */
  start(command?: readonly string[]): StackRun;
  /** Asks the gateway. */
  ask(query: string, token?: string): Promise<StartAnswer>;
}

export const startFolder = async (): Promise<StartFolder> => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-start-'));
  // Postgres runs as another user, who must reach its data.
  chmodSync(dir, 0o755);
  const port = String(await freePort());
  // Reads of a busy machine wait long for what was written, and commands for what they depend on.
  const timeouts = { READ_AFTER_TIMEOUT: '10000', LOOKUP_TIMEOUT: '2000' };
  const env = { DATA_DIR: dir, GATEWAY_PORT: port, ...timeouts };
  const gatewayUrl = `http://127.0.0.1:${port}`;
  return {
    dir,
    env,
    gatewayUrl,
    start: (command = [...bootstrap, 'start']) => new StackRun(command, env, true),
    async ask(query, token = '') {
      const response = await fetch(`${gatewayUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as StartAnswer;
    },
    [Symbol.dispose]() {
      rmSync(postgresDataDir(join(dir, 'postgres')), { recursive: true, force: true });
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Resolves when the start says that it is ready, and all that it shows then is there: the token comes after the word. */
export const ready = (run: StackRun) => run.says(/ s\S* {2}ready\n.*Ctrl-C stops everything/s);

/** The token that a start shows; "" without a demo user. */
export const tokenOf = (run: StackRun): string => /Your token:\n(\S+)\n/.exec(run.stdout)?.[1] ?? '';
