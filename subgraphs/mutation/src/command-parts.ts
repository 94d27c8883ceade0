/** The parts that decide and execute a command, for benches and tests that put them together by themselves. */

export { createClock } from './clock.ts';
export type { Command, Fact } from './commands/command.ts';
export { likePost } from './commands/reaction.ts';
export { createExecute, type Execute, type ExecuteParts } from './execute.ts';
export { createLookup } from './lookup.ts';
