import type { ParseArgsOptionsConfig } from 'node:util';
import { type CommandLine, runCommandLine, UsageError } from '@rookery/command-line';
import { compositionErrorsOf, failureOf } from '../check/conclude-check.ts';
import { asCalledHere } from '../model/installation.ts';
import { conclude, type Failure, outcomes } from '../model/outcome.ts';

/** A command of `rookery-schema`. */
export interface SchemaCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** Runs it and returns the exit code. */
  run(args: readonly string[]): Promise<number>;
}

/** Options that every command has. */
const outputOptions = { format: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Form of the output that was asked for. */
export interface Output<Format extends string = string> {
  readonly format: Format | 'text' | 'json';
  /** True if standard output must be one JSON object. */
  readonly json: boolean;
}

type Values<O extends ParseArgsOptionsConfig> = Omit<Parameters<CommandLine<O>['run']>[0], keyof Output>;

export interface SchemaCommandSpec<O extends ParseArgsOptionsConfig, Format extends string = never> {
  readonly name: string;
  readonly about: string;
  /** Text of --help, without what all commands have. */
  readonly usage: string;
  readonly options: O;
  readonly positionals?: boolean;
  /** Formats besides text and JSON. */
  readonly formats?: readonly Format[];
  run(values: Values<O> & Output<Format>, positionals: readonly string[]): Promise<number> | number;
  /** Prints a failure in a format that is not text; by default as JSON. */
  readonly printError?: (error: unknown, output: Output<Format>) => void;
}

/** Returns how an error ends a command, as JSON. */
const errorObject = (error: unknown) => ({
  ...conclude([failureOf(error)]),
  compositionErrors: compositionErrorsOf(error),
});

const printErrorObject = (error: unknown, { json }: Output): void => {
  if (json) console.log(JSON.stringify(errorObject(error)));
};

/** @throws UsageError */
const outputOf = <Format extends string>(
  values: Readonly<Record<string, unknown>>,
  formats: readonly Format[],
): Output<Format> => {
  const given = String(values.format ?? (values.json === true ? 'json' : 'text'));
  const format = oneOf('format', given, ['text', 'json', ...formats] as const);
  return { format, json: format === 'json' };
};

const usageText = (usage: string, formats: readonly string[]): string =>
  [
    usage.trimEnd(),
    `  --format FORMAT       ${['text', 'json', ...formats].join(', ')}; default: text. --json is the same as --format json`,
    '',
    `Exit codes: ${exitCodesText()}`,
  ].join('\n');

/**
 * Defines a command. Every error ends it with the exit code of the table of outcomes: an expected one with one line, an
 * unexpected one with its stack.
 */
export const defineCommand = <O extends ParseArgsOptionsConfig, Format extends string = never>(
  spec: SchemaCommandSpec<O, Format>,
): SchemaCommand => {
  const { name, about, usage, options, positionals, formats = [], printError = printErrorObject } = spec;
  return {
    name,
    about,
    async run(args) {
      const command: CommandLine<ParseArgsOptionsConfig> = {
        name: `schema ${name}`,
        helpCommand: asCalledHere(`npm run schema -- ${name} --help`),
        usage: asCalledHere(usageText(usage, formats)),
        options: { ...options, ...outputOptions },
        ...(positionals === undefined ? {} : { positionals }),
        args,
        async run(values, rest) {
          const output = outputOf(values, formats);
          try {
            return await spec.run({ ...values, ...output } as Values<O> & Output<Format>, rest);
          } catch (error) {
            printError(error, output);
            throw error;
          }
        },
      };
      try {
        return await runCommandLine(command);
      } catch (error) {
        const { exitCode, outcome } = conclude([failureOf(error)]);
        console.error(outcome === 'could-not-run' ? error : `schema ${name}: ${(error as Error).message}`);
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

/** Result of a command, before it is printed. */
export interface CommandResult {
  readonly text: string;
  /** Fields of the JSON object, besides those of the conclusion. */
  readonly data: object;
  readonly failures?: readonly Failure[];
}

/** Prints the result of a command, and returns the exit code that its failures lead to. */
export const finish = ({ text, data, failures = [] }: CommandResult, { json }: Output): number => {
  const conclusion = conclude(failures);
  if (json) console.log(JSON.stringify({ ...conclusion, ...data }));
  else {
    if (text !== '') console.log(text);
    for (const { message } of failures) console.error(`failed: ${message}`);
  }
  return conclusion.exitCode;
};
