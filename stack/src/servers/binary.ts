import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Version = readonly [major: number, minor: number];

/** Program of a server, and the environment that it needs. */
export interface Binary {
  readonly path: string;
  readonly version: Version;
  /** Added to the environment of the server. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Returns the first program of this name on the PATH, or in the folder in which Debian installs servers
 * outside of the PATH.
 */
export function onPath(name: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/usr/local/bin',
  ];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns the version that `program flag` prints; undefined if it does not run or prints none. */
export async function versionOf(
  path: string,
  flag = '--version',
  env: NodeJS.ProcessEnv = {},
): Promise<Version | undefined> {
  try {
    const { stdout, stderr } = await run(path, [flag], { env: { ...process.env, ...env }, timeout: 10_000 });
    const found = /(\d+)\.(\d+)/.exec(`${stdout}${stderr}`);
    return found ? [Number(found[1]), Number(found[2])] : undefined;
  } catch {
    return undefined;
  }
}

export const atLeast = (version: Version | undefined, [major, minor]: Version): boolean =>
  version !== undefined && (version[0] > major || (version[0] === major && version[1] >= minor));
