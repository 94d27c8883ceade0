import { hostname } from 'node:os';
import { readRegistryToken } from '@rookery/registry-protocol';
import { type Config, ConfigError, newId } from '@rookery/runtime';
import type { SupergraphLocation } from '../supergraph/source.ts';
import type { EnvironmentAccess, RegistryAccess, UsageOptions } from './access.ts';
import { SignedSupergraphs } from './signed-supergraphs.ts';

export const registryAccessSettings = [
  'REGISTRY_URL',
  'REGISTRY_ENVIRONMENT',
  'REGISTRY_TOKEN',
  'REGISTRY_NATS_URL',
  'REGISTRY_USAGE_SAMPLING',
  'SUPERGRAPH_KEYS_FILE',
] as const;

type AccessConfig = Config<
  (typeof registryAccessSettings)[number] | 'SUPERGRAPH' | 'SUPERGRAPH_LAST_GOOD' | 'SUPERGRAPH_POLL'
>;

/** @throws ConfigError if the file of the token cannot be read */
const readToken = (given: string): string => {
  try {
    return readRegistryToken(given);
  } catch {
    throw new ConfigError(`REGISTRY_TOKEN: ${given} is not readable`);
  }
};

/**
 * Returns access to the registry that the settings name; undefined if they name none.
 * @throws ConfigError
 */
export const registryOf = (config: AccessConfig): RegistryAccess | undefined => {
  const { REGISTRY_URL: url, REGISTRY_ENVIRONMENT: environment, REGISTRY_TOKEN: token } = config;
  if (url === undefined) return undefined;
  if (token === undefined) throw new ConfigError('REGISTRY_URL needs a REGISTRY_TOKEN');
  const gateway = `${hostname().slice(0, 60)}-${newId().slice(-12)}`;
  return { url, environment, token: readToken(token), gateway, natsUrl: config.REGISTRY_NATS_URL };
};

/**
 * Returns the location of the supergraph in the registry.
 * @throws ConfigError if the settings contradict each other
 */
export const supergraphInRegistry = (
  config: AccessConfig,
  { url, environment, token }: EnvironmentAccess,
): SupergraphLocation => {
  const { SUPERGRAPH_KEYS_FILE: keysFile } = config;
  if (config.SUPERGRAPH !== undefined)
    throw new ConfigError('SUPERGRAPH and REGISTRY_URL exclude each other');
  if (keysFile === undefined)
    throw new ConfigError('REGISTRY_URL needs SUPERGRAPH_KEYS_FILE, by which the supergraph is verified');
  return {
    from: new URL(`/v1/environments/${environment}/supergraph`, url).href,
    headers: { authorization: `Bearer ${token}` },
    lastGood: config.SUPERGRAPH_LAST_GOOD,
    pollIntervalMs: config.SUPERGRAPH_POLL,
    seal: new SignedSupergraphs({ keysFile, environment }),
  };
};

/** Returns the location of the documents that the registry trusts. */
export const manifestInRegistry = ({ url, environment, token }: EnvironmentAccess) => ({
  source: new URL(`/v1/environments/${environment}/manifest`, url).href,
  headers: { authorization: `Bearer ${token}` },
});

const usageIntervalMs = 10_000;

/** Returns how operations are reported; undefined if none counts. */
export const usageOptionsOf = (
  { REGISTRY_USAGE_SAMPLING: sampling }: AccessConfig,
  access: RegistryAccess,
): UsageOptions | undefined =>
  sampling === 0 ? undefined : { ...access, sampling, intervalMs: usageIntervalMs };
