import { z } from 'zod';
import { list, optional, type Setting, secret, setting, url } from './setting-schemas.ts';

/** Settings of pushes to browsers. */
export const pushSettings = {
  VAPID_PRIVATE_KEY: secret(
    setting(
      optional(
        z.string().regex(/^([A-Za-z0-9_-]{43}|file:\/\/\/.+)$/, '32 bytes in base64url, or file:///path'),
      ),
      '',
      'private key (P-256) that signs messages to push services, or file:///path; no messages are pushed if empty',
    ),
  ),
  VAPID_SUBJECT: setting(
    optional(z.string().regex(/^(mailto:.+@.+|https:\/\/.+)$/, 'mailto: or https: and a contact')),
    '',
    'contact of the operator for push services; needed with VAPID_PRIVATE_KEY',
  ),
  PUSH_DATABASE_URL: setting(
    optional(url('postgres', 'postgresql')),
    '',
    'Postgres with the accounts, in which the query subgraph finds push subscriptions; needed with VAPID_PRIVATE_KEY',
  ),
  PUSH_SERVICES: setting(
    list,
    'fcm.googleapis.com,updates.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com',
    'hosts of the push services to which messages may go: hosts, *.domains, or origins',
  ),
} as const satisfies Record<string, Setting>;
