import { parseArgs } from 'node:util';
import { exitCodes, UsageError } from '@rookery/command-line';
import { ConfigError } from '@rookery/runtime';
import type { Command } from './command.ts';
import { aliases, commands } from './commands/index.ts';
import { readOpsConfig } from './environment.ts';
import { openStores } from './stores.ts';

export { commands } from './commands/index.ts';
export { opsSettings } from './environment.ts';

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Shows the progress of a long command. Each line replaces the previous one. */
  progress(line: string): void;
}

const everywhere = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

const overview = (): string => `Usage: npm run ops -- <command> [options]

Commands:
${columns(Object.entries(commands).map(([name, { about }]) => [name, about] as const))}

Every command takes --json and --help. Addresses come from the environment, or from a running npm start.
Exit codes: 0 all is well, 1 a problem was found, 2 the call was wrong, 3 it could not be found out.`;

const helpOf = (
  name: string,
  { about, help, positionals = '' }: Command,
): string => `Usage: npm run ops -- ${[name, positionals].join(' ').trim()} [options]

${about}

${columns([...help, ['--json', 'machine-readable answer'], ['--help', 'this text']])}`;

/**
 * Runs one command line.
 * @returns the exit code
 */
export const runOps = async (argv: readonly string[], terminal: Terminal): Promise<number> => {
  const [given, ...args] = argv;
  const name = given === undefined ? undefined : (aliases.get(given) ?? given);
  if (name === undefined) {
    terminal.err(overview());
    return exitCodes.usage;
  }
  if (['--help', '-h', 'help'].includes(name)) {
    terminal.out(overview());
    return exitCodes.ok;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!command) throw new UsageError(`unknown command: ${name}`);
    return await runCommand(name, command, args, terminal);
  } catch (error) {
    return report(error, name, command, terminal);
  }
};

const runCommand = async (
  name: string,
  command: Command,
  args: readonly string[],
  { env, out, progress }: Terminal,
): Promise<number> => {
  const { values, positionals } = parse(command, args);
  if (values.help) {
    out(helpOf(name, command));
    return exitCodes.ok;
  }
  const config = readOpsConfig(env);
  await using stores = await openStores(config);
  const outcome = await command.run(values, { config, stores, progress }, positionals);
  out(values.json ? JSON.stringify(outcome.json) : outcome.text);
  return outcome.ok ? exitCodes.ok : exitCodes.problem;
};

/** Prints an error, and the usage if the call was wrong. Returns the exit code. */
const report = (error: unknown, name: string, command: Command | undefined, { err }: Terminal): number => {
  const text = error instanceof Error ? error.message : String(error);
  err(`ops ${name}: ${text.replaceAll('\n', `\nops ${name}: `)}`);
  if (error instanceof UsageError) err(command ? helpOf(name, command) : overview());
  if (error instanceof ConfigError)
    err(
      `ops ${name}: a running \`npm start\` sets them; elsewhere give the command the environment of the processes`,
    );
  const isWrongCall = error instanceof UsageError || error instanceof ConfigError;
  return isWrongCall ? exitCodes.usage : exitCodes.couldNotRun;
};

const parse = ({ options, positionals }: Command, args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, ...everywhere },
      allowPositionals: positionals !== undefined,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};
