export { startRegistry } from './app.ts';
export { registrySettings } from './options.ts';
export { Database } from './storage/database.ts';
export { prune } from './storage/prune.ts';
export { createToken, revokeToken, type Scope } from './storage/tokens.ts';
export { createWebhook, deleteWebhook, listWebhooks } from './storage/webhooks.ts';
export type { WebhookOptions } from './webhooks/sender.ts';
export { newSecret } from './webhooks/signature.ts';
