export { startRegistry } from './app.ts';
export { Database } from './storage/database.ts';
export { createToken, type Scope } from './storage/tokens.ts';
