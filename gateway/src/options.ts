import { type Config, ConfigError, type ListenAddress, type SubgraphHeaders } from '@rookery/runtime';
import type { TokenChecks } from './auth/authenticate.ts';
import { type GatewayLimits, limitSettings, limitsFrom } from './limits/limits.ts';
import type { Policies } from './permissions/grants.ts';
import type { TrustedDocumentsOptions } from './persisted/trusted.ts';
import type { RateLimits } from './rate-limit/operation-rates.ts';
import type { RegistryAccess, UsageOptions } from './registry/access.ts';
import {
  manifestInRegistry,
  registryAccessSettings,
  registryOf,
  supergraphInRegistry,
  usageOptionsOf,
} from './registry/options.ts';
import { type ResilienceBySubgraph, resilienceBySubgraph } from './subgraphs/resilience.ts';
import { isAddress, type SupergraphLocation } from './supergraph/source.ts';

/** The settings that the gateway reads. */
export const gatewaySettings = [
  'NODE_ENV',
  'HOST',
  'GATEWAY_PORT',
  'METRICS_HOST',
  'GATEWAY_METRICS_PORT',
  'MUTATION_URL',
  'QUERY_URL',
  'SUBGRAPH_URLS',
  'SUBGRAPH_HEADERS',
  'INTERNAL_KEY_FILE',
  'JWKS_URL',
  'JWKS_POLL',
  'TOKEN_ISSUER',
  'TOKEN_AUDIENCE',
  'TOKEN_ALGORITHMS',
  'TOKEN_CLOCK_SKEW',
  'CORS_ORIGINS',
  'REDIS_URL',
  'TRUSTED_PROXIES',
  'RATE_LIMIT_USER',
  'RATE_LIMIT_ADDRESS',
  'RATE_LIMIT_FIELDS',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'TRUSTED_DOCUMENTS',
  'TRUSTED_DOCUMENTS_HEADERS',
  'TRUSTED_DOCUMENTS_MODE',
  'TRUSTED_DOCUMENTS_LAST_GOOD',
  ...limitSettings,
  'SUBGRAPH_POLICIES',
  'OVERRIDE_LABELS',
  'SUPERGRAPH',
  'SUPERGRAPH_HEADERS',
  'SUPERGRAPH_LAST_GOOD',
  'SUPERGRAPH_POLL',
  ...registryAccessSettings,
] as const;

export type GatewayConfig = Config<(typeof gatewaySettings)[number]>;

/** Everything that a gateway is made from: no part of it reads the environment. */
export interface GatewayOptions {
  /** Port 0 lets the operating system choose. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Separate address of its metrics. */
  readonly metrics: ListenAddress;
  /** Off: introspection, GraphiQL, and hints at names in the schema. */
  readonly production: boolean;
  /** The composed supergraph: SDL text, or a location that is polled. */
  readonly supergraph: string | SupergraphLocation;
  /** Reports of operations to the registry; undefined: none. */
  readonly usage?: UsageOptions | undefined;
  /** Registry that hears of each supergraph; undefined: none. */
  readonly registry?: RegistryAccess | undefined;
  /** Addresses of subgraphs by name; the others are those of the supergraph. */
  readonly subgraphs: Readonly<Record<string, string>>;
  /** The same, before those. It does not start if the supergraph lacks one of these subgraphs. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /** Headers of a client that go to subgraphs; default: none. The supergraph must have these subgraphs too. */
  readonly subgraphHeaders?: SubgraphHeaders;
  /** Ed25519 private keys that sign what the gateway tells the subgraphs: the first signs, all are published. */
  readonly internalKeyFiles: readonly string[];
  /** Which tokens count. */
  readonly tokens: TokenChecks;
  /** Address of the list of revoked sessions; undefined: sessions end with their token. */
  readonly revocationsUrl?: string;
  /** Decide @policy by name; by the token's claims by default. */
  readonly policies?: Policies;
  /** Origins whose pages may call, besides the gateway's own. */
  readonly origins: readonly string[];
  readonly limits: GatewayLimits;
  /** Undefined: no rate limits. */
  readonly rateLimits?: RateLimits;
  /** Redis shared by all gateways; undefined: each gateway has its own state. */
  readonly redisUrl?: string | undefined;
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** PEM files; undefined: no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Location of the manifest of operations, and treatment of others; undefined: any operation may be sent. */
  readonly trustedDocuments?: Omit<TrustedDocumentsOptions, 'log'> | undefined;
  /** Custom labels of progressive @override that hold. */
  readonly overrides?: readonly string[];
  /** Policies of subgraphs that differ from the default, by name. */
  readonly resilience: ResilienceBySubgraph;
}

/** The options of the process, from its configuration and the committed supergraph. */
export const optionsFrom = (config: GatewayConfig): GatewayOptions => {
  const registry = registryOf(config);
  return {
    listen: { host: config.HOST, port: config.GATEWAY_PORT },
    metrics: { host: config.METRICS_HOST, port: config.GATEWAY_METRICS_PORT },
    production: config.NODE_ENV === 'production',
    supergraph: supergraphOf(config, registry),
    registry,
    usage: registry && usageOptionsOf(config, registry),
    subgraphs: { mutation: graphqlAt(config.MUTATION_URL), query: graphqlAt(config.QUERY_URL) },
    subgraphUrls: config.SUBGRAPH_URLS,
    subgraphHeaders: config.SUBGRAPH_HEADERS,
    internalKeyFiles: config.INTERNAL_KEY_FILE,
    tokens: {
      jwksUrl: config.JWKS_URL ?? new URL('/.well-known/jwks.json', config.MUTATION_URL).href,
      issuer: config.TOKEN_ISSUER,
      audience: config.TOKEN_AUDIENCE,
      algorithms: config.TOKEN_ALGORITHMS,
      clockSkewSeconds: config.TOKEN_CLOCK_SKEW,
      pollIntervalMs: config.JWKS_POLL,
    },
    revocationsUrl: new URL('/.well-known/revocations', config.MUTATION_URL).href,
    origins: config.CORS_ORIGINS,
    limits: limitsFrom(config),
    rateLimits: {
      user: config.RATE_LIMIT_USER,
      address: config.RATE_LIMIT_ADDRESS,
      fields: config.RATE_LIMIT_FIELDS === 'on',
    },
    redisUrl: config.REDIS_URL,
    trustedProxies: config.TRUSTED_PROXIES,
    tls: tlsOf(config),
    trustedDocuments: trustedDocumentsOf(config, registry),
    overrides: config.OVERRIDE_LABELS,
    resilience: resilienceOf(config.SUBGRAPH_POLICIES),
  };
};

/** @throws ConfigError */
const resilienceOf = (given: Record<string, unknown>): ResilienceBySubgraph => {
  const read = resilienceBySubgraph.safeParse(given);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigError(`SUBGRAPH_POLICIES is wrong: ${issues.join('; ')}`);
};

/** @throws ConfigError if there are headers and no address to send them to, or no registry */
const trustedDocumentsOf = (
  config: GatewayConfig,
  registry: RegistryAccess | undefined,
): GatewayOptions['trustedDocuments'] => {
  const { TRUSTED_DOCUMENTS: source = '', TRUSTED_DOCUMENTS_HEADERS: headers } = config;
  if (Object.keys(headers).length > 0 && !isAddress(source))
    throw new ConfigError('TRUSTED_DOCUMENTS_HEADERS is for an http(s) address in TRUSTED_DOCUMENTS');
  const how = { mode: config.TRUSTED_DOCUMENTS_MODE, lastGood: config.TRUSTED_DOCUMENTS_LAST_GOOD };
  if (source === '') return undefined;
  if (source !== 'registry') return { source, headers, ...how };
  if (registry === undefined) throw new ConfigError('TRUSTED_DOCUMENTS=registry needs REGISTRY_URL');
  return { ...manifestInRegistry(registry), ...how };
};

/** @throws ConfigError if there are headers and no address to send them to */
const supergraphOf = (config: GatewayConfig, registry: RegistryAccess | undefined): SupergraphLocation => {
  if (registry !== undefined) return supergraphInRegistry(config, registry);
  const from = config.SUPERGRAPH ?? import.meta.resolve('@rookery/schema/supergraph.graphql');
  const headers = config.SUPERGRAPH_HEADERS;
  if (Object.keys(headers).length > 0 && !isAddress(from))
    throw new ConfigError('SUPERGRAPH_HEADERS is for an http(s) address in SUPERGRAPH');
  return { from, headers, lastGood: config.SUPERGRAPH_LAST_GOOD, pollIntervalMs: config.SUPERGRAPH_POLL };
};

/** @throws ConfigError if only one of the two is set */
const tlsOf = ({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }: GatewayConfig): GatewayOptions['tls'] => {
  if (certFile && keyFile) return { certFile, keyFile };
  if (certFile || keyFile) throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE go together');
  return undefined;
};

const graphqlAt = (base: string): string => new URL('/graphql', base).href;
