import type { SchemaCommand } from './command.ts';
import { checkCommand } from './commands/check.ts';
import { composeCommand } from './commands/compose.ts';
import { contractCommand } from './commands/contract.ts';
import { docsCommand } from './commands/docs.ts';
import { deprecatedCommand, unusedCommand } from './commands/element-usage.ts';
import { generateCommand } from './commands/generate.ts';
import { newSubgraphCommand } from './commands/new-subgraph.ts';

/** All commands of `rookery-schema`, in the order of the help. */
export const commands: readonly SchemaCommand[] = [
  composeCommand,
  checkCommand,
  contractCommand,
  docsCommand,
  unusedCommand,
  deprecatedCommand,
  newSubgraphCommand,
  generateCommand,
];
