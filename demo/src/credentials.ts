import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const saved = z.object({
  handle: z.string(),
  /** One password for the whole demo network. */
  password: z.string(),
  /** False until the whole network has been loaded. */
  loaded: z.boolean(),
});

/** Credentials of the people in the demo network. */
export type Credentials = z.infer<typeof saved>;

const credentialsFile = (dataDir: string): string => join(dataDir, 'demo.json');

/** Reads the credentials of an earlier run, if any. */
export const readCredentials = (dataDir: string): Credentials | undefined => {
  try {
    return saved.parse(JSON.parse(readFileSync(credentialsFile(dataDir), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Writes atomically, readable only by the owner. */
export const writeCredentials = (dataDir: string, credentials: Credentials): void => {
  mkdirSync(dataDir, { recursive: true });
  const file = credentialsFile(dataDir);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
};

export const newPassword = (): string => randomBytes(18).toString('base64url');
