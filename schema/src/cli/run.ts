import { asCalledHere } from '../model/installation.ts';
import { outcomes } from '../model/outcome.ts';
import { commands } from './commands.ts';

const list = (): string =>
  [
    'Commands for the schema of a supergraph, from files and git, or with a registry.',
    '',
    ...commands.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`),
    '',
    '`npm run schema -- COMMAND --help` explains a command.',
  ].join('\n');

/** Runs `rookery-schema` with its arguments and returns the exit code. */
export const runSchema = async (args: readonly string[]): Promise<number> => {
  const [name, ...rest] = args;
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command.run(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(asCalledHere(list()));
    return outcomes.passed.exitCode;
  }
  console.error(
    name === undefined
      ? `schema: name a command: ${commands.map((one) => one.name).join(', ')}`
      : asCalledHere(`schema: unknown command ${name} (npm run schema -- --help lists them)`),
  );
  return outcomes['invalid-arguments'].exitCode;
};
