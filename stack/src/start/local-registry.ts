import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cloneDir } from '../layout.ts';

/** The registry of `npm start`, whose supergraph the gateway serves with `--registry`. */
export interface LocalRegistry {
  readonly port: number;
  readonly url: string;
  /** DATA_DIR, which has its tokens in a folder of their own. */
  readonly dir: string;
  /** Environment of the registry. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Returns the registry of a system. Its keys are files in DATA_DIR unless the environment names others.
 * @param env environment that all processes share
 */
export const localRegistry = (
  dir: string,
  env: NodeJS.ProcessEnv,
  port: number,
  metricsPort: number,
): LocalRegistry => ({
  port,
  url: `http://127.0.0.1:${port}`,
  dir,
  env: {
    ...env,
    REGISTRY_PORT: String(port),
    REGISTRY_METRICS_PORT: String(metricsPort),
    REGISTRY_KEY_FILE: process.env.REGISTRY_KEY_FILE || join(dir, 'registry-key.pem'),
    SUPERGRAPH_KEYS_FILE: process.env.SUPERGRAPH_KEYS_FILE || join(dir, 'registry-keys.jwks'),
  },
});

const environment = 'production';

/** File of the token with which people publish, check and read. */
export const publisherTokenFile = (dir: string): string => join(dir, 'registry/token');
const gatewayTokenFile = (dir: string): string => join(dir, 'registry/gateway-token');

/** Returns the settings by which the gateway serves the supergraph of the registry. */
export const gatewayEnv = ({ url, dir, env }: LocalRegistry): NodeJS.ProcessEnv => ({
  REGISTRY_URL: url,
  REGISTRY_ENVIRONMENT: environment,
  REGISTRY_TOKEN: pathToFileURL(gatewayTokenFile(dir)).href,
  REGISTRY_NATS_URL: env.NATS_URL,
  SUPERGRAPH_KEYS_FILE: env.SUPERGRAPH_KEYS_FILE,
  SUPERGRAPH_LAST_GOOD: join(dir, 'registry/last-good.graphql'),
});

/** Creates a token, unless the file has one of an earlier start. */
const ensureToken = async (file: string, scopes: string, { env }: LocalRegistry): Promise<string> => {
  if (!existsSync(file)) {
    const command = ['token', 'create', '--name', 'npm start', '--scopes', scopes];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(cloneDir, 'schema/registry/src/cli.ts'), ...command],
      { cwd: cloneDir, env: { ...process.env, ...env } },
    );
    writeFileSync(file, stdout, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8').trim();
};

const published = z.object({ version: z.number(), created: z.boolean(), composes: z.boolean() });
const launched = z.object({ launches: z.array(z.unknown()) });

/**
 * Publishes Rookery's own subgraphs, and delivers them if they are new. Subgraphs of other teams stay, and a launch that was taken
 * back is not repeated.
 * @throws Error if the registry refuses them
 */
export const publishOwnSubgraphs = async (registry: LocalRegistry): Promise<void> => {
  const { url, dir, env } = registry;
  mkdirSync(join(dir, 'registry'), { recursive: true, mode: 0o700 });
  await ensureToken(gatewayTokenFile(dir), 'read,report', registry);
  const token = await ensureToken(publisherTokenFile(dir), 'publish,check,read', registry);
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
    });
    if (response.ok) return response.json();
    throw new Error(`the registry answers ${path} with ${response.status}: ${await response.text()}`);
  };
  const author = 'npm start';
  const subgraphs = Object.entries({ mutation: env.MUTATION_URL, query: env.QUERY_URL }).map(
    ([name, address]) => ({
      name,
      sdl: readFileSync(join(cloneDir, `schema/graphql/${name}.graphql`), 'utf8'),
      address: `${address}/graphql`,
    }),
  );
  const { version, created, composes } = published.parse(await ask('/v1/publish', { subgraphs, author }));
  if (!composes)
    throw new Error(
      `version ${version} of the registry does not compose: a subgraph of another team does not fit to this state of Rookery`,
    );
  const { launches } = launched.parse(await ask(`/v1/environments/${environment}/launches?limit=1`));
  if (created || launches.length === 0)
    await ask(`/v1/environments/${environment}/promote`, { version, author });
};
