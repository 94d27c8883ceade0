import { z } from 'zod';
import { type SettingName, settings } from './settings.ts';

/** A process can't start with this configuration; the message has a line for each setting that is wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export type Config<N extends SettingName> = { readonly [K in N]: z.output<(typeof settings)[K]['schema']> };

/**
 * Reads the named settings, once, at the start of a process.
 * @throws ConfigError that names every setting which is missing or wrong
 */
export const readConfig = <const N extends SettingName>(
  names: readonly N[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config<N> => {
  const wrong: string[] = [];
  const entries = names.map((name) => {
    const { schema, fallback, about } = settings[name];
    const text = env[name] ?? fallback;
    if (text === undefined) {
      wrong.push(`${name} is not set: ${about}`);
      return [name, undefined];
    }
    const read = z.safeParse(schema, text);
    // The value itself stays out of the message: it may be a secret.
    if (!read.success) wrong.push(`${name} is wrong: ${read.error.issues.map((i) => i.message).join('; ')}`);
    return [name, read.data];
  });
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return Object.fromEntries(entries) as Config<N>;
};
