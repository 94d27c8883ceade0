import { httpAddress, UsageError, wholeNumber } from '@rookery/command-line';
import { environmentName, readRegistryToken } from '@rookery/registry-protocol';
import { RegistryClient } from './client.ts';

/** Options of every command that talks to a registry. */
export const registryOptions = {
  registry: { type: 'string' },
  token: { type: 'string' },
  environment: { type: 'string' },
  timeout: { type: 'string' },
} as const;

export const registryUsage = `  --registry ADDRESS    address of the registry; default: REGISTRY_URL
  --token TOKEN         its token, or file:///path of a file with it; default: REGISTRY_TOKEN, which other processes cannot see
  --environment NAME    fleet of gateways; default: REGISTRY_ENVIRONMENT, or else production
  --timeout SECONDS     longest wait for an answer; default: 20, and 90 to publish`;

const defaultTimeoutSeconds = 20;

export interface GivenRegistry {
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  readonly environment?: string | undefined;
  readonly timeout?: string | undefined;
}

/** Returns a setting of the environment; an empty one is absent. */
const setting = (name: string): string | undefined => process.env[name] || undefined;

/** @throws UsageError */
const readToken = (given: string | undefined): string => {
  if (given === undefined) throw new UsageError('name a token with REGISTRY_TOKEN or --token');
  try {
    return readRegistryToken(given);
  } catch {
    throw new UsageError(`the file of the token is not readable: ${given}`);
  }
};

/** @throws UsageError */
const readEnvironment = (text: string): string => {
  const { success, error } = environmentName.safeParse(text);
  if (!success) throw new UsageError(`--environment ${error.issues[0]?.message ?? 'is invalid'}`);
  return text;
};

/**
 * Returns a client of the registry that options or settings name; undefined if they name none.
 * @throws UsageError
 */
export const findRegistry = (
  {
    registry = setting('REGISTRY_URL'),
    token = setting('REGISTRY_TOKEN'),
    environment = setting('REGISTRY_ENVIRONMENT') ?? 'production',
    timeout,
  }: GivenRegistry,
  timeoutSeconds = defaultTimeoutSeconds,
): RegistryClient | undefined =>
  registry === undefined
    ? undefined
    : new RegistryClient({
        url: httpAddress('registry', registry).href.replace(/\/$/, ''),
        token: readToken(token),
        environment: readEnvironment(environment),
        timeoutMs:
          1_000 * (timeout === undefined ? timeoutSeconds : wholeNumber('timeout', timeout, 1, 3_600)),
      });

/** @throws UsageError if no registry is named */
export const openRegistry = (given: GivenRegistry, timeoutSeconds?: number): RegistryClient => {
  const client = findRegistry(given, timeoutSeconds);
  if (client === undefined) throw new UsageError('name a registry with REGISTRY_URL or --registry');
  return client;
};
