import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const saved = z.object({
  handle: z.string(),
  /** One password for all of the network: it guards a demo. */
  password: z.string(),
  /** False until the whole network has been loaded. */
  loaded: z.boolean(),
});

/** How to log in as the demo's people. */
export type Credentials = z.infer<typeof saved>;

export const credentialsFile = (dataDir: string): string => join(dataDir, 'demo.json');

/** What an earlier run has left, or undefined. */
export const readCredentials = (dataDir: string): Credentials | undefined => {
  try {
    return saved.parse(JSON.parse(readFileSync(credentialsFile(dataDir), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Whole or not at all, and for the owner's eyes alone. */
export const writeCredentials = (dataDir: string, credentials: Credentials): void => {
  mkdirSync(dataDir, { recursive: true });
  const file = credentialsFile(dataDir);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
};

export const newPassword = (): string => randomBytes(18).toString('base64url');
