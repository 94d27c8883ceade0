#!/usr/bin/env node
import { outcomes } from '../model/outcome.ts';
import { commands } from './commands.ts';

const list = (): string =>
  [
    'Commands for the schema of a supergraph: they work from files and git, without a server.',
    '',
    ...commands.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`),
    '',
    '`npm run schema -- COMMAND --help` explains a command.',
  ].join('\n');

const run = (args: readonly string[]): Promise<number> | number => {
  const [name, ...rest] = args;
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command.run(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(list());
    return outcomes.passed.exitCode;
  }
  console.error(
    name === undefined
      ? `schema: name a command: ${commands.map((one) => one.name).join(', ')}`
      : `schema: unknown command ${name} (npm run schema -- --help lists them)`,
  );
  return outcomes['invalid-arguments'].exitCode;
};

process.exitCode = await run(process.argv.slice(2));
