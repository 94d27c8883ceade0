export { type RegistryServerOptions, startRegistry } from './app.ts';
export { Database } from './storage/database.ts';
export { createToken, listTokens, revokeToken, type Scope, scopes } from './storage/tokens.ts';
