import type { Command } from '../command.ts';
import { grant, suspend, unsuspend, withdraw } from './accounts.ts';
import { archive } from './archive.ts';
import { audit } from './audit.ts';
import { backUp, restore } from './backup.ts';
import { deadLetters } from './dead-letters.ts';
import { history } from './history.ts';
import { lag } from './lag.ts';
import { migrate } from './migrate.ts';
import { rebuild } from './rebuild.ts';
import { replay } from './replay.ts';
import { status } from './status.ts';
import { repair, verify } from './verify.ts';

/** All subcommands of `npm run ops --`. */
export const commands: Readonly<Record<string, Command>> = {
  lag,
  status,
  replay,
  'dead-letters': deadLetters,
  rebuild,
  verify,
  repair,
  audit,
  history,
  backup: backUp,
  restore,
  archive,
  suspend,
  unsuspend,
  grant,
  withdraw,
  migrate,
};

/** Earlier names of commands, which scripts may still use. */
export const aliases: ReadonlyMap<string, string> = new Map([
  ['export', 'backup'],
  ['import', 'restore'],
  ['parked', 'dead-letters'],
]);
