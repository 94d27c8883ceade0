import { join } from 'node:path';
import { findRedis, startRedis } from '@rookery/stack';
import { type Contender, type Running, start, withAndWithoutReports } from './contenders.ts';
import { firstVersionSdls, sdls } from './data.ts';
import { writeSupergraph } from './hot-swap.ts';
import type { startIssuer } from './issuer.ts';
import { startSubgraphs } from './subgraphs.ts';
import { startTraceSink } from './trace-sink.ts';

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

export interface Surroundings {
  /** Environments of the gateways: Rookery's own, and that of the others. */
  readonly own: Readonly<Record<string, string>>;
  readonly common: Readonly<Record<string, string>>;
  /** File of the supergraph. */
  readonly supergraph: string;
  /** Addresses of the subgraphs. */
  readonly urls: Readonly<Record<string, string>>;
}

/** Starts what the gateways need: subgraphs, Redis and a receiver of traces. */
export const startSurroundings = async (
  dir: string,
  issuer: Issuer,
  resources: AsyncDisposableStack,
): Promise<Surroundings> => {
  const urls = await startSubgraphs(resources);
  const supergraph = join(dir, 'supergraph.graphql');
  writeSupergraph(supergraph, sdls, urls);
  const common = {
    SUPERGRAPH: supergraph,
    SUBGRAPHS: JSON.stringify(urls),
    SUBGRAPH_SCHEMAS: JSON.stringify(firstVersionSdls),
  };
  const redis = await startRedis({ binary: await findRedis(), dir: join(dir, 'redis'), persist: false });
  resources.defer(() => redis.stop());
  const own = {
    ...common,
    REDIS_URL: redis.url,
    // The hundred users of the benchmark send more requests than people do. Every request is still counted.
    RATE_LIMIT_USER: '1000000000',
    RATE_LIMIT_ADDRESS: '1000000000',
    INTERNAL_KEY_FILE: join(dir, 'internal-key.pem'),
    JWKS_URL: issuer.jwksUrl,
    TOKEN_ISSUER: 'bench',
    TOKEN_AUDIENCE: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: await startTraceSink(resources),
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  };
  return { own, common, supergraph, urls };
};

interface StartAllOptions {
  readonly dir: string;
  /** Folder for a CPU profile of Rookery's gateway. */
  readonly profile: string | undefined;
  readonly say: (line: string) => void;
}

export const startAll = async (
  chosen: readonly Contender[],
  { own, common }: Surroundings,
  { tokens: [token = ''] }: Issuer,
  { dir, profile, say }: StartAllOptions,
  resources: AsyncDisposableStack,
): Promise<readonly Running[]> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const running: Running[] = [];
  for (const contender of chosen) {
    const nodeFlags =
      contender.name === 'rookery' && profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
    const options = { common: contender.isPeer ? common : own, dir, headers, nodeFlags, say };
    const gateway = await start(contender, options);
    running.push(...(contender.name === 'reporting' ? withAndWithoutReports(gateway) : [gateway]));
    resources.defer(async () => {
      await gateway.child.stop();
    });
  }
  return running;
};
