/** The parts that execute a command, for benches that put them together by themselves. */
export { createClock } from './clock.ts';
export { likePost } from './commands/reaction.ts';
export { createExecute, type Execute, type ExecuteParts } from './execute.ts';
export { createLookup } from './lookup.ts';
