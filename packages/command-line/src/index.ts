import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

export { runningEnvironment } from './running-environment.ts';

/** Exit codes of every command. */
export const exitCodes = {
  ok: 0,
  /** The command found what it looks for: a broken promise, a breaking change, a failed measurement. */
  problem: 1,
  /** The command was called in a way that it does not understand, or with a file that cannot be used. */
  usage: 2,
  /** The command could not find out. */
  couldNotRun: 3,
} as const;

/** The arguments of a command are wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** A file or address that was named cannot be used. The message says which, and why. */
export class InputError extends Error {
  override name = 'InputError';
}

export interface CommandLine<O extends ParseArgsOptionsConfig> {
  /** Script of package.json that starts the command, or another name for it. */
  readonly name: string;
  /** Command that shows the usage. Default: the script with --help. */
  readonly helpCommand?: string;
  /** Text of --help. */
  readonly usage: string;
  /** Options as for node:util's parseArgs, without --help. */
  readonly options: O;
  /** True if the command takes arguments that are not options. */
  readonly positionals?: boolean;
  /** By default those of this process. */
  readonly args?: readonly string[];
  /**
   * Returns the exit code.
   * @throws UsageError and InputError, which end the command with one line and exit code 2
   */
  run(
    values: ReturnType<typeof parseArgs<{ options: O }>>['values'],
    positionals: readonly string[],
  ): Promise<number> | number;
}

/** Returns a message of parseArgs without the advice after its first sentence. */
const firstSentence = (message: string): string => message.split(/\. |\n/, 1)[0] ?? message;

const parse = <O extends ParseArgsOptionsConfig>({ options, positionals, args }: CommandLine<O>) => {
  try {
    return parseArgs({
      args: [...(args ?? process.argv.slice(2))],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: positionals ?? false,
    });
  } catch (error) {
    throw new UsageError(firstSentence((error as Error).message));
  }
};

/**
 * Runs a command line and returns its exit code. Wrong arguments, and files that cannot be used, are one line on standard
 * error; --help goes to standard output. Any other error of `run` is thrown.
 */
export const runCommandLine = async <O extends ParseArgsOptionsConfig>(
  command: CommandLine<O>,
): Promise<number> => {
  try {
    const { values, positionals } = parse(command);
    if ((values as { help?: boolean }).help) {
      console.log(command.usage.trimEnd());
      return exitCodes.ok;
    }
    return await command.run(values as ReturnType<typeof parseArgs<{ options: O }>>['values'], positionals);
  } catch (error) {
    if (error instanceof UsageError) {
      const { name, helpCommand = `npm run ${name} -- --help` } = command;
      console.error(`${name}: ${error.message} (${helpCommand} shows the usage)`);
    } else if (error instanceof InputError) console.error(`${command.name}: ${error.message}`);
    else throw error;
    return exitCodes.usage;
  }
};

/** Reads a whole number from an option. @throws UsageError */
export const wholeNumber = (
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new UsageError(`--${option} must be a whole number ${range}, and is "${text}"`);
  }
  return value;
};

/** Reads an http or https address from an option. @throws UsageError */
export const httpAddress = (option: string, text: string): URL => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--${option} must be an http or https address, and is "${text}"`);
  return url;
};
