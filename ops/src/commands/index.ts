import type { Command } from '../command.ts';
import { lag } from './lag.ts';
import { rebuild } from './rebuild.ts';
import { replay } from './replay.ts';
import { status } from './status.ts';
import { repair, verify } from './verify.ts';

/** Every subcommand of `npm run ops --`. */
export const commands: Readonly<Record<string, Command>> = { lag, status, replay, rebuild, verify, repair };
