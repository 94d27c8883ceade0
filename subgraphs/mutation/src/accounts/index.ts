export { type AccountDatabase, openAccountDatabase } from './database.ts';
export { openSessionTable, type SessionTable } from './sessions.ts';
export { openAccountTable } from './table.ts';
