import type { ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { OpsConfig } from './environment.ts';
import type { Stores } from './stores.ts';

/** The command was called in a way that it does not understand: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface Context {
  readonly config: OpsConfig;
  /** Opened on first use, closed by the caller. */
  readonly stores: Stores;
  /** Shows how far a long command is; on standard error. */
  progress(line: string): void;
}

/** What a command found out. */
export interface Outcome {
  /** False: a problem was found, exit code 1. */
  readonly ok: boolean;
  /** For --json. */
  readonly json: unknown;
  /** For people. */
  readonly text: string;
}

/** A subcommand: one file each in commands/, listed in commands/index.ts. */
export interface Command<O extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  /** One line. */
  readonly about: string;
  /** Options as for node:util's parseArgs, and what --help says of each. */
  readonly options: O;
  readonly help: readonly (readonly [option: string, meaning: string])[];
  /** What stands behind the command's name, as --help says it; left out where nothing may. */
  readonly positionals?: string;
  run(
    values: ReturnType<typeof parseArgs<{ options: O }>>['values'],
    context: Context,
    positionals: readonly string[],
  ): Promise<Outcome>;
}

/** Keeps the types of the options together with what `run` gets. */
export const defineCommand = <const O extends ParseArgsOptionsConfig>(command: Command<O>): Command =>
  command as unknown as Command;

/** Reads a whole number from an option. @throws UsageError */
export const wholeNumber = (option: string, text: string, least: number): number => {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new UsageError(`--${option} must be a whole number of ${least} or more`);
  }
  return number;
};
