import type { ParseArgsOptionsConfig } from 'node:util';
import { type CommandLine, runCommandLine, UsageError } from '@rookery/command-line';
import { compositionErrorsOf, failureOf } from '../check/conclude-check.ts';
import { conclude, outcomes } from '../model/outcome.ts';

/** A command of `rookery-schema`. */
export interface SchemaCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** Runs it and returns the exit code. */
  run(args: readonly string[]): Promise<number>;
}

export interface SchemaCommandSpec<O extends ParseArgsOptionsConfig>
  extends Pick<CommandLine<O>, 'usage' | 'options' | 'positionals' | 'run'> {
  readonly name: string;
  readonly about: string;
  /** Prints the failure if JSON was asked for; by default its conclusion and the composition errors. */
  readonly printError?: (error: unknown, values: Readonly<Record<string, unknown>>) => void;
}

/** True if standard output must be JSON. */
const wantsJson = ({ json, format }: Readonly<Record<string, unknown>>): boolean =>
  json === true || format === 'json';

/** Returns how an error ends a command, as JSON. */
const errorObject = (error: unknown) => ({
  ...conclude([failureOf(error)]),
  compositionErrors: compositionErrorsOf(error),
});

const printErrorObject = (error: unknown, values: Readonly<Record<string, unknown>>): void => {
  if (wantsJson(values)) console.log(JSON.stringify(errorObject(error)));
};

/**
 * Defines a command. Every error ends it with the exit code of the table of outcomes: wrong arguments and unusable files
 * with one line, an unexpected error with its stack.
 */
export const defineCommand = <O extends ParseArgsOptionsConfig>(
  spec: SchemaCommandSpec<O>,
): SchemaCommand => {
  const { name, about, usage, options, positionals, printError = printErrorObject } = spec;
  return {
    name,
    about,
    async run(args) {
      const command: CommandLine<O> = {
        name: `schema ${name}`,
        helpCommand: `npm run schema -- ${name} --help`,
        usage: `${usage.trimEnd()}\n\nExit codes: ${exitCodesText()}`,
        options,
        ...(positionals === undefined ? {} : { positionals }),
        args,
        async run(values, rest) {
          try {
            return await spec.run(values, rest);
          } catch (error) {
            printError(error, values as Readonly<Record<string, unknown>>);
            throw error;
          }
        },
      };
      try {
        return await runCommandLine(command);
      } catch (error) {
        const { exitCode } = conclude([failureOf(error)]);
        console.error(
          exitCode === outcomes['could-not-run'].exitCode
            ? error
            : `schema ${name}: ${(error as Error).message}`,
        );
        return exitCode;
      }
    },
  };
};

const exitCodesText = (): string =>
  [0, 1, 2, 3]
    .map((code) => {
      const names = Object.entries(outcomes).filter(([, { exitCode }]) => exitCode === code);
      return `${code} ${names.map(([name]) => name.replaceAll('-', ' ')).join(', ')}`;
    })
    .join('; ');

/** @throws UsageError if the option is not one of these */
export const oneOf = <Value extends string>(
  option: string,
  text: string,
  values: readonly Value[],
): Value => {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new UsageError(`--${option} must be ${values.join(', ')}, and is "${text}"`);
  return found;
};
