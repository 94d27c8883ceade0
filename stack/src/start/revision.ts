import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Returns the commit of a clone, abbreviated; undefined if it is not a clone, or git is not installed. */
export const gitRevision = async (dir: string): Promise<string | undefined> => {
  try {
    const { stdout } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: dir, timeout: 2_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
};
