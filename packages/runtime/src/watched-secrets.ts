import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError } from './config.ts';
import type { Logger } from './log.ts';
import { minSecretLength } from './setting-schemas.ts';
import { watchFiles } from './watch-files.ts';

/** Secrets of one purpose: the first signs, all verify. */
export interface WatchedSecrets extends Disposable {
  readonly current: readonly string[];
}

export interface WatchedSecretsOptions {
  /** One secret, several with commas between them, or `file:///path` of a file with one per line. */
  readonly value: string;
  /** Name of the setting, for messages. */
  readonly setting: string;
  readonly log: Logger;
}

/** @throws ConfigError, which quotes no secret */
const demandSecrets = (secrets: readonly string[], setting: string): readonly string[] => {
  if (secrets.length === 0) throw new ConfigError(`${setting} is wrong: it holds no secret`);
  if (secrets.some((secret) => secret.length < minSecretLength))
    throw new ConfigError(
      `${setting} is wrong: each secret must have at least ${minSecretLength} characters`,
    );
  return secrets;
};

const readSecretsFile = (file: string, setting: string): readonly string[] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${setting}: failed to read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  return demandSecrets(
    text.split('\n').flatMap((line) => line.trim() || []),
    setting,
  );
};

/**
 * Opens the secrets of a setting. Reads a file again whenever it changes; a file that is not valid leaves the last
 * secrets in force, and is logged.
 * @throws ConfigError
 */
export const openWatchedSecrets = ({ value, setting, log }: WatchedSecretsOptions): WatchedSecrets => {
  if (!value.startsWith('file:')) {
    const given = demandSecrets(
      value.split(',').map((secret) => secret.trim()),
      setting,
    );
    return { current: given, [Symbol.dispose]: () => {} };
  }
  const file = fileURLToPath(value);
  let current = readSecretsFile(file, setting);
  const watch = watchFiles({
    files: [file],
    onChange: () => {
      current = readSecretsFile(file, setting);
      log.info({ setting, secrets: current.length }, 'secrets read again; the first one signs');
    },
    onError: (error) =>
      log.error({ error, setting }, 'failed to read the secrets; the last ones stay in force'),
  });
  return {
    get current() {
      return current;
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
};
