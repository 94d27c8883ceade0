import { z } from 'zod';
import { readOriginPattern } from './origins.ts';
import { pushSettings } from './push-settings.ts';
import { registrySettings } from './registry-settings.ts';
import {
  isJson,
  list,
  optional,
  port,
  type Setting,
  secret,
  secrets,
  setting,
  tokenAlgorithms,
  url,
  whole,
} from './setting-schemas.ts';
import { storeSettings } from './store-settings.ts';
import { requestHeaders, subgraphHeaders, subgraphUrls } from './subgraph-settings.ts';

/**
 * Every environment variable that any process reads, in one table.
 * docs/reference/settings.md and compose.yaml are checked against it.
 */
export const settings = {
  NODE_ENV: setting(
    z.enum(['development', 'production', 'test']),
    'development',
    'production disables introspection and uses strict defaults',
  ),
  LOG_LEVEL: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'lowest level that is logged',
  ),
  HOST: setting(z.string().min(1), '127.0.0.1', 'address that each process listens on'),
  GATEWAY_PORT: setting(port, '4000', 'port of the gateway'),
  MUTATION_PORT: setting(port, '4001', 'port of the mutation subgraph'),
  QUERY_PORT: setting(port, '4002', 'port of the query subgraph'),
  RECORDER_PORT: setting(port, '4003', "port of the recorder's health"),
  PROJECTOR_PORT: setting(port, '4004', "port of the projector's health"),
  METRICS_HOST: setting(
    z.string().min(1),
    '127.0.0.1',
    'address on which each process serves its metrics; only operators should reach it',
  ),
  GATEWAY_METRICS_PORT: setting(port, '4010', "port of the gateway's metrics"),
  MUTATION_METRICS_PORT: setting(port, '4011', "port of the mutation subgraph's metrics"),
  QUERY_METRICS_PORT: setting(port, '4012', "port of the query subgraph's metrics"),
  RECORDER_METRICS_PORT: setting(port, '4013', "port of the recorder's metrics"),
  PROJECTOR_METRICS_PORT: setting(port, '4014', "port of the projector's metrics"),
  REGISTRY_PORT: setting(port, '4006', 'port of the schema registry'),
  REGISTRY_METRICS_PORT: setting(port, '4016', "port of the schema registry's metrics"),
  MUTATION_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4001',
    'address of the mutation subgraph, for the gateway',
  ),
  QUERY_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4002',
    'address of the query subgraph, for the gateway',
  ),
  SUBGRAPH_URLS: setting(
    subgraphUrls,
    '',
    'GraphQL endpoints of subgraphs, comma separated: reviews=http://reviews:4005/graphql,shop=https://shop.example/graphql; they replace MUTATION_URL, QUERY_URL and the addresses in the supergraph, for subscriptions too',
  ),
  SUBGRAPH_HEADERS: setting(
    subgraphHeaders,
    '',
    "headers of a client that go to subgraphs, by subgraph: reviews=x-tenant,accept-language; *=x-locale (* is every subgraph); no other header of a client's does",
  ),
  GATEWAY_URL: setting(
    optional(url('http', 'https')),
    '',
    'address of the gateway for the operators and the demo; HOST and GATEWAY_PORT if empty',
  ),
  RECORDER_URL: setting(
    optional(url('http', 'https')),
    '',
    "address of the recorder's health for the operators; HOST and RECORDER_PORT if empty",
  ),
  PROJECTOR_URL: setting(
    optional(url('http', 'https')),
    '',
    "address of the projector's health for the operators; HOST and PROJECTOR_PORT if empty",
  ),
  ...storeSettings,
  INTERNAL_KEY_FILE: setting(
    list.pipe(z.array(z.string()).min(1, 'a file, or several, comma separated')),
    undefined,
    'Ed25519 private keys (PKCS 8, PEM) of the gateway, comma separated and read again when they change: the first signs its tokens for the subgraphs (created if it does not exist), all are published',
  ),
  GATEWAY_KEYS_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4010/.well-known/gateway-keys.json',
    "public keys by which subgraphs verify the gateway's requests, at its metrics address",
  ),
  CURSOR_SECRET: secret(
    setting(
      secrets,
      undefined,
      'secrets of the cursors that clients hold, the same in every query and mutation subgraph: comma separated, or file:///path of a file with one per line that is read again when it changes; the first signs, all verify',
    ),
  ),
  TOKEN_KEY_FILE: setting(
    list.pipe(z.array(z.string()).min(1, 'a file, or several, comma separated')),
    undefined,
    'Ed25519 private keys (PKCS 8, PEM), comma separated and read again when they change: the first signs session tokens (created if it does not exist), all are published',
  ),
  TOKEN_ISSUER: setting(z.string().min(1), 'rookery', 'required iss claim of session tokens'),
  TOKEN_AUDIENCE: setting(z.string().min(1), 'rookery', 'required aud claim of session tokens'),
  TOKEN_TTL: setting(whole(60, 31_536_000), '86400', 'lifetime of an access token, in seconds'),
  REFRESH_TTL: setting(
    whole(60, 31_536_000),
    '2592000',
    'lifetime of a refresh token that is not used, in seconds',
  ),
  SESSION_TTL: setting(
    whole(60, 315_360_000),
    '31536000',
    'time after which a user must log in again, however often the session is refreshed, in seconds',
  ),
  HANDLE_RESERVATION: setting(
    whole(60, 315_360_000),
    '2592000',
    'time for which a handle that a user has given up is reserved for that user, in seconds; three can be given up in it',
  ),
  ...pushSettings,
  JWKS_URL: setting(
    optional(url('http', 'https')),
    '',
    'address of the keys that verify tokens; those of the mutation subgraph if empty',
  ),
  JWKS_POLL: setting(
    whole(1_000, 86_400_000),
    '300000',
    'interval at which the keys that verify tokens are fetched, in milliseconds; an unknown key id is fetched at once',
  ),
  TOKEN_ALGORITHMS: setting(
    list.pipe(
      z
        .array(z.enum(tokenAlgorithms, `each of ${tokenAlgorithms.join(', ')}`))
        .min(1, 'at least one algorithm'),
    ),
    'EdDSA,Ed25519,ES256,ES384,PS256,RS256',
    'accepted signature algorithms of tokens, comma separated; only asymmetric ones',
  ),
  TOKEN_CLOCK_SKEW: setting(
    whole(0, 300),
    '5',
    'tolerated clock skew between issuer and gateway, in seconds',
  ),
  CORS_ORIGINS: setting(
    list.transform((entries, context) =>
      entries.flatMap((entry) => {
        const patterns = readOriginPattern(entry);
        if (patterns) return patterns;
        context.addIssue(
          `${JSON.stringify(entry)} is not an origin; write https://app.example, localhost:5173 or https://*.preview.example`,
        );
        return [];
      }),
    ),
    '',
    'origins whose pages may call the gateway, comma separated: https://app.example, localhost:5173, https://*.preview.example, or * for all; its own origin is always allowed',
  ),
  TRUSTED_PROXIES: setting(
    list,
    '',
    'addresses and CIDR ranges of proxies whose X-Forwarded-For counts, comma separated; none: it is ignored',
  ),
  TLS_CERT_FILE: setting(
    optional(z.string()),
    '',
    'certificate with its chain (PEM): the gateway then speaks TLS, with HTTP/2 and HTTP/1.1 on its port',
  ),
  TLS_KEY_FILE: setting(
    optional(z.string()),
    '',
    'private key of the certificate (PEM); both files are reloaded when they change',
  ),
  TRUSTED_DOCUMENTS: setting(
    optional(z.string()),
    '',
    "manifest of the operations that clients may send: a file, an http(s) address, or registry for that of REGISTRY_URL; in Apollo's persisted-query-manifest format",
  ),
  TRUSTED_DOCUMENTS_HEADERS: secret(
    setting(
      requestHeaders,
      '',
      'headers of the requests to the address in TRUSTED_DOCUMENTS, such as credentials, as in SUPERGRAPH_HEADERS',
    ),
  ),
  TRUSTED_DOCUMENTS_MODE: setting(
    z.enum(['log', 'refuse', 'ids']),
    'log',
    'log or refuse operations outside the manifest; ids: accept only ids of known operations',
  ),
  TRUSTED_DOCUMENTS_LAST_GOOD: setting(
    optional(z.string().min(1)),
    '',
    'file in which the gateway keeps the last good manifest, for a start while TRUSTED_DOCUMENTS is unavailable; none if empty',
  ),
  RATE_LIMIT_USER: setting(
    whole(0, 1_000_000_000),
    '60000',
    'cost of operations allowed for one user in a minute; 0 is no limit',
  ),
  RATE_LIMIT_ADDRESS: setting(
    whole(0, 1_000_000_000),
    '600000',
    'cost of operations allowed from one address in a minute; 0 is no limit',
  ),
  RATE_LIMIT_FIELDS: setting(
    z.enum(['on', 'off']),
    'on',
    'limits of single fields (@rateLimit), such as attempts to log in by account and by address',
  ),
  MAX_BODY_BYTES: setting(
    whole(1_024, 67_108_864),
    '262144',
    'maximum size of a request body or WebSocket message, uncompressed, in bytes',
  ),
  MAX_TOKENS: setting(whole(10, 1_000_000), '2000', 'lexical tokens of one GraphQL document'),
  MAX_DEPTH: setting(whole(1, 1_000), '10', 'fields within fields in one operation'),
  MAX_ALIASES: setting(whole(0, 10_000), '15', 'renamed fields in one operation'),
  MAX_ROOT_FIELDS: setting(whole(1, 10_000), '10', 'fields at the top of one operation'),
  MAX_DIRECTIVES: setting(whole(0, 10_000), '20', 'directives in one operation'),
  MAX_COST: setting(whole(1, 1_000_000_000), '1000', 'cost of one operation, by @cost and @listSize'),
  MAX_BATCH: setting(whole(0, 1_000), '0', 'operations in one HTTP request; 0 disables batching'),
  SUPERGRAPH: setting(
    optional(z.string().min(1)),
    '',
    'the supergraph: a file, or an http(s) address such as that of a registry, which is polled; the committed one if empty',
  ),
  SUPERGRAPH_HEADERS: secret(
    setting(
      requestHeaders,
      '',
      'headers of the requests to the address in SUPERGRAPH, such as credentials: authorization: Bearer …; x-api-key: …',
    ),
  ),
  SUPERGRAPH_POLL: setting(
    whole(100, 3_600_000),
    '5000',
    'interval at which the supergraph is polled, in milliseconds',
  ),
  SUPERGRAPH_LAST_GOOD: setting(
    optional(z.string().min(1)),
    '',
    'file in which the gateway keeps the last good supergraph, for a start while SUPERGRAPH is unavailable; none if empty',
  ),
  SUPERGRAPH_KEYS_FILE: setting(
    optional(z.string().min(1)),
    '',
    'file with the public keys of the schema registry, as a JWK set: the registry writes it, and a gateway with REGISTRY_URL serves only supergraphs that one of them has signed',
  ),
  ...registrySettings,
  SUBGRAPH_POLICIES: setting(
    z
      .string()
      .refine(isJson, 'JSON')
      .transform((text): unknown => JSON.parse(text))
      .pipe(z.record(z.string(), z.unknown())),
    '{}',
    'policies for calls of single subgraphs, as JSON by name: timeout, retries, retryRatio, breakerThreshold, breakerPause, concurrency, queue',
  ),
  OVERRIDE_LABELS: setting(
    list,
    '',
    'active custom labels of progressive @override, comma separated; percent(N) needs none',
  ),
  QUEUE_REPLICAS: setting(whole(1, 5), '1', 'copies of each JetStream stream'),
  QUEUE_MAX_BYTES: setting(
    whole(1_048_576, Number.MAX_SAFE_INTEGER),
    '1073741824',
    'size at which a stream refuses new messages, in bytes',
  ),
  QUEUE_ACK_TIMEOUT: setting(
    whole(50, 60_000),
    '1500',
    'maximum wait for an acknowledgement by the queue, in milliseconds',
  ),
  FEED_CAP: setting(
    whole(20, 100_000),
    '800',
    'maximum number of items of a feed in Redis; older ones are read from the documents',
  ),
  FANOUT_LIMIT: setting(
    whole(0, 1_000_000_000),
    '10000',
    'number of followers from which the items of an author are merged when feeds are read, instead of written to every feed',
  ),
  CATCH_UP_FROM: setting(
    whole(1, 1_000_000_000),
    '10000',
    'number of waiting events from which a projector that works alone reads them from the event store instead of the queue',
  ),
  FEED_IDLE_DAYS: setting(
    whole(1, 3650),
    '14',
    'days without a read after which a feed is dropped and later rebuilt',
  ),
  READ_AFTER_TIMEOUT: setting(
    whole(0, 30_000),
    '2000',
    "maximum wait for the viewer's own write to be projected, in milliseconds",
  ),
  BACKGROUND_NICENESS: setting(
    whole(0, 19),
    '15',
    'niceness to which recorder and projector lower their own priority on Linux and macOS, below the processes that answer; 0 leaves it as it is',
  ),
  LOOKUP_TIMEOUT: setting(
    whole(10, 10_000),
    '250',
    'maximum wait of a command for the documents and the event store, in milliseconds; without their answer it is accepted, and the projections decide',
  ),
  SHUTDOWN_TIMEOUT: setting(
    whole(100, 60_000),
    '8000',
    'maximum duration of a graceful stop, in milliseconds',
  ),
  BUILD_REVISION: setting(
    z.string().max(64),
    '',
    'commit that the processes were built from, for rookery_build_info; npm start asks git',
  ),
  CRASH_POINT: setting(
    optional(z.string().regex(/^[a-z-]+(:[1-9][0-9]*)?$/, 'name:count')),
    '',
    'for tests: the process dies the count-th time that it passes the named point; refused in production',
  ),
  DATA_DIR: setting(z.string().min(1), '.rookery', 'folder of the data, secrets and logs of npm start'),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
