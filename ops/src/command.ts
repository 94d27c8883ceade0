import type { ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { OpsConfig } from './environment.ts';
import type { Stores } from './stores.ts';

export interface Context {
  readonly config: OpsConfig;
  /** Opened on first use and closed by the caller. */
  readonly stores: Stores;
  /** Shows the progress of a long command on standard error. */
  progress(line: string): void;
}

/** Result of a command. */
export interface Outcome {
  /** False if a problem was found: exit code 1. */
  readonly ok: boolean;
  /** Result for --json. */
  readonly json: unknown;
  /** Result for people. */
  readonly text: string;
}

/** A subcommand. Each has a file in commands/ and is listed in commands/index.ts. */
export interface Command<O extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  /** Description in one line. */
  readonly about: string;
  /** Options for parseArgs of node:util, with their descriptions for --help. */
  readonly options: O;
  readonly help: readonly (readonly [option: string, meaning: string])[];
  /** Arguments after the name of the command, as shown by --help. Absent if none are allowed. */
  readonly positionals?: string;
  run(
    values: ReturnType<typeof parseArgs<{ options: O }>>['values'],
    context: Context,
    positionals: readonly string[],
  ): Promise<Outcome>;
}

/** Defines a command. Infers the types of the options that `run` receives. */
export const defineCommand = <const O extends ParseArgsOptionsConfig>(command: Command<O>): Command =>
  command as unknown as Command;
