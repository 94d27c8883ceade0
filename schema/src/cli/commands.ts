import type { SchemaCommand } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { composeCommand } from './commands/compose.ts';
import { generateCommand } from './commands/generate.ts';

/** All commands of `rookery-schema`, in the order of the help. */
export const commands: readonly SchemaCommand[] = [composeCommand, checkCommand, generateCommand];
