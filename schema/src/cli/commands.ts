import { isPackage } from '../model/installation.ts';
import type { SchemaCommand } from './command.ts';
import { approveCommand } from './commands/approve.ts';
import { checkCommand } from './commands/check.ts';
import { composeCommand } from './commands/compose.ts';
import { contractCommand } from './commands/contract.ts';
import { docsCommand } from './commands/docs.ts';
import { deprecatedCommand, unusedCommand } from './commands/element-usage.ts';
import { generateCommand } from './commands/generate.ts';
import { diffCommand, historyCommand } from './commands/history.ts';
import { importCommand } from './commands/import.ts';
import { launchesCommand, usageCommand } from './commands/launches.ts';
import { newSubgraphCommand } from './commands/new-subgraph.ts';
import { operationsCommand } from './commands/operations.ts';
import { promoteCommand, rollbackCommand } from './commands/promote.ts';
import { publishCommand } from './commands/publish.ts';

/** All commands of `rookery-schema`, in the order of the help. */
export const commands: readonly SchemaCommand[] = [
  composeCommand,
  checkCommand,
  contractCommand,
  docsCommand,
  unusedCommand,
  deprecatedCommand,
  newSubgraphCommand,
  publishCommand,
  promoteCommand,
  rollbackCommand,
  launchesCommand,
  historyCommand,
  diffCommand,
  approveCommand,
  usageCommand,
  operationsCommand,
  importCommand,
  ...(isPackage ? [] : [generateCommand]),
];
