import { z } from 'zod';
import { list, optional, type Setting, secret, setting, url, whole } from './setting-schemas.ts';

/** Settings of the schema registry but its ports, and of a gateway that serves its supergraph. */
export const registrySettings = {
  REGISTRY_POSTGRES_URL: setting(
    optional(url('postgres', 'postgresql')),
    '',
    'storage of the schema registry, in a schema of its own; POSTGRES_URL if empty',
  ),
  REGISTRY_KEY_FILE: setting(
    list.pipe(z.array(z.string()).min(1, 'a file, or several, comma separated')),
    undefined,
    'Ed25519 private keys (PKCS 8, PEM) of the schema registry, comma separated and read again when they change: the first signs supergraphs (created if it does not exist), all are published',
  ),
  REGISTRY_URL: setting(
    optional(url('http', 'https')),
    '',
    'address of the schema registry, for the gateway: it serves the supergraph of REGISTRY_ENVIRONMENT, and SUPERGRAPH must be empty; none if empty',
  ),
  REGISTRY_ENVIRONMENT: setting(
    z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens'),
    'production',
    'environment of the schema registry that this gateway belongs to',
  ),
  REGISTRY_TOKEN: secret(
    setting(
      optional(z.string().min(1)),
      '',
      'token of the schema registry with the scopes read and report, or file:///path of a file with it',
    ),
  ),
  REGISTRY_NATS_URL: setting(
    optional(url('nats', 'tls')),
    '',
    'NATS over which the schema registry tells gateways of launches; gateways only poll if empty',
  ),
  START_REGISTRY: setting(z.enum(['on', 'off']), 'on', 'whether npm start runs the schema registry'),
  REGISTRY_KEEP_DAYS: setting(
    whole(1, 3_650),
    '90',
    'days for which the schema registry keeps usage, reports of checks and deliveries of webhooks',
  ),
  REGISTRY_WEBHOOK_TARGETS: setting(
    z.enum(['public', 'private']),
    'public',
    'addresses of webhooks: public: https on the public Internet; private: https anywhere, and http to this machine',
  ),
  REGISTRY_USAGE_SAMPLING: setting(
    z.coerce.number('a number from 0 to 1').min(0).max(1),
    '1',
    'share of the operations that a gateway reports to the schema registry, from 0 to 1; never their variables',
  ),
} as const satisfies Record<string, Setting>;
