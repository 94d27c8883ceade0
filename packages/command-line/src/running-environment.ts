import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads the environment of the processes of the `npm start` that uses this DATA_DIR; empty if none does. Then the environment of
 * the command must be complete, and readConfig reports what is missing.
 */
export const runningEnvironment = (dataDir: string): Readonly<Record<string, string>> => {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'env.json'), 'utf8'));
  } catch {
    return {};
  }
};
