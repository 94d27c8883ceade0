import { z } from 'zod';
import { type SettingName, settings } from './settings.ts';

/** The configuration is invalid. The message has a line for each wrong setting. */
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
    if (!read.success) wrong.push(wrongValue(name, read.error));
    return [name, read.data];
  });
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  return Object.fromEntries(entries) as Config<N>;
};

/** The value itself stays out of the message: it may be a secret. */
const wrongValue = (name: string, { issues }: z.ZodError): string =>
  `${name} is wrong: ${issues.map(({ message }) => message).join('; ')}`;

/**
 * Checks all settings in the environment, of any process, so that all mistakes are known before anything
 * starts. Missing settings are not checked.
 * @throws ConfigError with a line for each wrong setting
 */
export const checkSettings = (env: Readonly<Record<string, string | undefined>>): void => {
  const wrong = Object.entries(settings).flatMap(([name, { schema }]) => {
    const text = env[name];
    // An empty variable means "not set" to `npm start`, which fills in what it knows.
    if (text === undefined || text === '') return [];
    const read = z.safeParse(schema as z.ZodType, text);
    return read.success ? [] : [wrongValue(name, read.error)];
  });
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
};
