import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isFree } from './servers/ports.ts';

/** State of one DATA_DIR, created once and kept between runs. */
export interface State {
  readonly secrets: { readonly cursor: string; readonly postgres: string };
  readonly ports: Readonly<Record<string, number>>;
}

const stateFile = (dir: string) => join(dir, 'state.json');

/** Returns whether there was an earlier start with this folder. */
export const hasState = (dir: string): boolean => existsSync(stateFile(dir));

/**
 * Reads the state, creates missing parts, and checks that each port is free.
 * @param preferred first choice of the port of each name; 0 for any
 */
export async function loadState(dir: string, preferred: Readonly<Record<string, number>>): Promise<State> {
  const file = stateFile(dir);
  const saved = read(file);
  const secret = () => randomBytes(32).toString('base64url');
  const secrets = {
    cursor: saved?.secrets.cursor ?? secret(),
    postgres: saved?.secrets.postgres ?? secret(),
  };
  const ports: Record<string, number> = {};
  for (const [name, wanted] of Object.entries(preferred)) {
    ports[name] = await choose([saved?.ports[name], wanted], Object.values(ports));
  }
  const state = { secrets, ports };
  const draft = `${file}.new`; // renamed when whole: a kill leaves the old one
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return state;
}

async function choose(
  candidates: readonly (number | undefined)[],
  taken: readonly number[],
): Promise<number> {
  for (const port of candidates) {
    if (port !== undefined && port !== 0 && !taken.includes(port) && (await isFree(port))) return port;
  }
  const port = await freePort();
  return taken.includes(port) ? choose([], taken) : port;
}

function read(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(
      `${file} can't be read (${(error as Error).message}): mend it, or clear the data with "npm run reset"`,
    );
  }
}
