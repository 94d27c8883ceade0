export { insertRecordedAccounts } from './bulk.ts';
export { type AccountDatabase, openAccountDatabase } from './database.ts';
export { createPasswords } from './passwords.ts';
export { openSessionTable } from './sessions.ts';
export { openAccountTable } from './table.ts';
