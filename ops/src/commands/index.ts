import type { Command } from '../command.ts';
import { lag } from './lag.ts';
import { replay } from './replay.ts';
import { status } from './status.ts';

/** Every subcommand of `npm run ops --`. */
export const commands: Readonly<Record<string, Command>> = { lag, status, replay };
