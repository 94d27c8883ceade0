export { openAccountDatabase } from './database.ts';
export { openSessionTable } from './sessions.ts';
export { openAccountTable } from './table.ts';
