import { z } from 'zod';
import { readOriginPattern } from './origins.ts';

/** One environment variable: how it is read, what it is when absent, and what it is for. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** The text taken where the variable is absent; undefined makes it required. */
  readonly fallback: string | undefined;
  readonly about: string;
}

const setting = <S extends z.ZodType>(
  schema: S,
  fallback: string | undefined,
  about: string,
): Setting<S> => ({
  schema,
  fallback,
  about,
});

const whole = (min: number, max: number) =>
  z.coerce.number(`a whole number from ${min} to ${max}`).int().min(min).max(max);
const port = whole(0, 65_535);
const secret = z.string().min(32, 'at least 32 characters');
const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text.split(',')[0] ?? '') && schemes.some((s) => text.startsWith(`${s}://`)),
      `an address that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
    );
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));
/**
 * With a symmetric algorithm among them a public key could be taken for a secret (RFC 8725, section 3.1). EdDSA is the
 * older name of Ed25519 (RFC 9864).
 */
const tokenAlgorithms = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;
const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((v) => (v === '' ? undefined : v), schema.optional());

/**
 * Every environment variable that any process reads, in one table.
 * README's configuration table and compose.yaml are checked against it.
 */
export const settings = {
  NODE_ENV: setting(
    z.enum(['development', 'production', 'test']),
    'development',
    'production switches introspection off and hardens the defaults',
  ),
  LOG_LEVEL: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'least severe line that is logged',
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
    'address that each process serves its metrics on, for whoever runs it alone',
  ),
  GATEWAY_METRICS_PORT: setting(port, '4010', "port of the gateway's metrics"),
  MUTATION_METRICS_PORT: setting(port, '4011', "port of the mutation subgraph's metrics"),
  QUERY_METRICS_PORT: setting(port, '4012', "port of the query subgraph's metrics"),
  RECORDER_METRICS_PORT: setting(port, '4013', "port of the recorder's metrics"),
  PROJECTOR_METRICS_PORT: setting(port, '4014', "port of the projector's metrics"),
  MUTATION_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4001',
    'where the gateway reaches the mutation subgraph',
  ),
  QUERY_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4002',
    'where the gateway reaches the query subgraph',
  ),
  POSTGRES_URL: setting(
    url('postgres', 'postgresql'),
    undefined,
    'accounts and event store; npm start runs a Postgres where it is absent',
  ),
  NATS_URL: setting(
    url('nats', 'tls'),
    undefined,
    'JetStream; npm start runs a NATS server where it is absent',
  ),
  NATS_REDUNDANT_URL: setting(
    optional(url('nats', 'tls')),
    '',
    'second, independent JetStream: takes what the first does not acknowledge; none where it is empty',
  ),
  EVENT_STORE_BACKUP_URL: setting(
    optional(url('postgres', 'postgresql')),
    '',
    'second event store: holds the same events, and goes on alone while the first is away; none where it is empty',
  ),
  AUDIT_HEADS_URL: setting(
    optional(
      z
        .string()
        .regex(
          /^(file:\/\/\/.+|(nats|tls):\/\/[^/]+\/[\w-]+)$/,
          'an address like file:///path/heads.jsonl or nats://host:port/bucket',
        ),
    ),
    '',
    'where the recorder publishes the heads of the hash chain: file:///… or nats://host:port/bucket; nowhere where it is empty',
  ),
  REDIS_URL: setting(
    url('redis', 'rediss'),
    undefined,
    'feeds and live hints; npm start runs a Redis where it is absent',
  ),
  DOCUMENTS_URL: setting(
    url('mongodb', 'mongodb+srv', 'postgres', 'postgresql'),
    undefined,
    'document store: mongodb:// in production, postgres:// (JSONB) as the embedded default',
  ),
  DOCUMENTS_STANDBY_URL: setting(
    optional(url('mongodb', 'mongodb+srv', 'postgres', 'postgresql')),
    '',
    'second document store, fed by itself: reads go there while the first is away; none where it is empty',
  ),
  REDIS_STANDBY_URL: setting(
    optional(url('redis', 'rediss')),
    '',
    'second Redis, fed by itself: feeds and live hints come from there while the first is away; none where it is empty',
  ),
  INTERNAL_KEY_FILE: setting(
    list.pipe(z.array(z.string()).min(1, 'a file, or several, comma separated')),
    undefined,
    'Ed25519 private keys (PKCS 8, PEM) of the gateway, comma separated and read again when they change: the first signs what it tells the subgraphs (created if it does not exist), all are published',
  ),
  GATEWAY_KEYS_URL: setting(
    url('http', 'https'),
    'http://127.0.0.1:4010/.well-known/gateway-keys.json',
    "public keys by which subgraphs verify the gateway's requests, at its metrics address",
  ),
  CURSOR_SECRET: setting(
    secret,
    undefined,
    'signs the cursors that clients hold; the same in every query subgraph',
  ),
  TOKEN_KEY_FILE: setting(
    list.pipe(z.array(z.string()).min(1, 'a file, or several, comma separated')),
    undefined,
    'Ed25519 private keys (PKCS 8, PEM), comma separated and read again when they change: the first signs the session tokens (made where it is absent), all are published',
  ),
  TOKEN_ISSUER: setting(z.string().min(1), 'rookery', 'iss claim that is written and demanded'),
  TOKEN_AUDIENCE: setting(z.string().min(1), 'rookery', 'aud claim that is written and demanded'),
  TOKEN_TTL: setting(whole(60, 31_536_000), '86400', 'life of a session token, in seconds'),
  JWKS_URL: setting(
    optional(url('http', 'https')),
    '',
    "keys that sign tokens; the mutation subgraph's own where it is empty",
  ),
  JWKS_POLL: setting(
    whole(1_000, 86_400_000),
    '300000',
    'time between two looks for the keys that sign tokens, in milliseconds; a key id that is not known is looked for at once',
  ),
  TOKEN_ALGORITHMS: setting(
    list.pipe(
      z
        .array(z.enum(tokenAlgorithms, `each of ${tokenAlgorithms.join(', ')}`))
        .min(1, 'at least one algorithm'),
    ),
    'EdDSA,Ed25519,ES256,ES384,PS256,RS256',
    'signatures of tokens that count, comma separated; asymmetric ones alone can be named',
  ),
  TOKEN_CLOCK_SKEW: setting(
    whole(0, 300),
    '5',
    'how far the clocks of issuer and gateway may be apart, in seconds',
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
    'origins whose pages may call the gateway, comma separated: https://app.example, localhost:5173, https://*.preview.example, or * for all; its own always may',
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
    'private key of the certificate (PEM); both files are read again when they change',
  ),
  TRUSTED_DOCUMENTS: setting(
    optional(z.string()),
    '',
    "manifest of the operations that clients may send: a file or an http(s) address, in Apollo's persisted-query-manifest format",
  ),
  TRUSTED_DOCUMENTS_MODE: setting(
    z.enum(['log', 'refuse', 'ids']),
    'log',
    'operations outside the manifest are logged or refused; ids: known ones are taken by id alone',
  ),
  RATE_LIMIT_USER: setting(
    whole(0, 1_000_000_000),
    '60000',
    'cost of operations that one user may have in a minute; 0 is no limit',
  ),
  RATE_LIMIT_ADDRESS: setting(
    whole(0, 1_000_000_000),
    '600000',
    'cost of operations that may come from one address in a minute; 0 is no limit',
  ),
  RATE_LIMIT_FIELDS: setting(
    z.enum(['on', 'off']),
    'on',
    'whether limits of single fields count (@rateLimit): attempts to log in, by account and by address',
  ),
  MAX_BODY_BYTES: setting(
    whole(1_024, 67_108_864),
    '262144',
    'longest request body and WebSocket message, unpacked, in bytes',
  ),
  MAX_TOKENS: setting(whole(10, 1_000_000), '2000', 'lexical tokens of one GraphQL document'),
  MAX_DEPTH: setting(whole(1, 1_000), '10', 'fields within fields in one operation'),
  MAX_ALIASES: setting(whole(0, 10_000), '15', 'renamed fields in one operation'),
  MAX_ROOT_FIELDS: setting(whole(1, 10_000), '10', 'fields at the top of one operation'),
  MAX_DIRECTIVES: setting(whole(0, 10_000), '20', 'directives in one operation'),
  MAX_COST: setting(whole(1, 1_000_000_000), '1000', 'cost of one operation, by @cost and @listSize'),
  MAX_BATCH: setting(whole(0, 1_000), '0', 'operations in one HTTP request; 0 switches batching off'),
  SUPERGRAPH: setting(
    optional(z.string().min(1)),
    '',
    "the supergraph: a file, or an http(s) address such as a registry's, looked at again and again; the committed one where it is empty",
  ),
  SUPERGRAPH_POLL: setting(
    whole(100, 3_600_000),
    '5000',
    'time between two looks for a new supergraph, in milliseconds',
  ),
  SUPERGRAPH_LAST_GOOD: setting(
    optional(z.string().min(1)),
    '',
    'file in which the gateway keeps the last good supergraph, for a start while SUPERGRAPH can not be had; empty keeps none',
  ),
  SUBGRAPH_POLICIES: setting(
    z
      .string()
      .refine(isJson, 'JSON')
      .transform((text): unknown => JSON.parse(text))
      .pipe(z.record(z.string(), z.unknown())),
    '{}',
    'how the gateway calls single subgraphs, as JSON by name: timeout, retries, retryRatio, breakerThreshold, breakerPause, concurrency, queue',
  ),
  OVERRIDE_LABELS: setting(
    list,
    '',
    'custom labels of progressive @override that hold, comma separated; percent(N) needs none',
  ),
  QUEUE_REPLICAS: setting(whole(1, 5), '1', 'copies of each JetStream stream'),
  QUEUE_MAX_BYTES: setting(
    whole(1_048_576, Number.MAX_SAFE_INTEGER),
    '1073741824',
    'size at which a stream refuses what is new, in bytes',
  ),
  QUEUE_ACK_TIMEOUT: setting(
    whole(50, 60_000),
    '1500',
    'longest wait for an acknowledgement by the queue, in milliseconds',
  ),
  FEED_CAP: setting(
    whole(20, 100_000),
    '800',
    'items of one feed that Redis holds; older ones are read from the documents',
  ),
  FANOUT_LIMIT: setting(
    whole(0, 1_000_000_000),
    '10000',
    'followers from which on an author is merged at read instead of written to every feed',
  ),
  FEED_IDLE_DAYS: setting(
    whole(1, 3650),
    '14',
    'days without a read after which a feed is dropped and later rebuilt',
  ),
  READ_AFTER_TIMEOUT: setting(
    whole(0, 30_000),
    '2000',
    "longest wait for the viewer's own write to be projected, in milliseconds",
  ),
  SHUTDOWN_TIMEOUT: setting(whole(100, 60_000), '8000', 'longest graceful stop, in milliseconds'),
  CRASH_POINT: setting(
    optional(z.string().regex(/^[a-z-]+(:[1-9][0-9]*)?$/, 'name:count')),
    '',
    'for tests: dies the count-th time that it passes the named point; refused in production',
  ),
  DATA_DIR: setting(
    z.string().min(1),
    '.rookery',
    'where npm start keeps its servers, data, secrets and logs',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
