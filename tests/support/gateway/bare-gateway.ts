import { defaultLimits, type GatewayLimits, type GatewayOptions, startGateway } from '@rookery/gateway';
import { createLog } from '@rookery/runtime';
import { startGatewayKeys } from '../index.ts';
import { composedOnce } from './composed.ts';

export interface BareGatewayOptions {
  /** Subgraph schemas, by subgraph name. */
  readonly sdls: Readonly<Record<string, string>>;
  /** Subgraph addresses, by subgraph name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Private key of the gateway; if absent, a new one that no subgraph knows. */
  readonly keyFile?: string;
  readonly limits?: Partial<GatewayLimits>;
  readonly options?: Partial<GatewayOptions>;
}

/** Nobody listens there: a token that is sent cannot be checked. */
const noIssuer = { jwksUrl: 'http://127.0.0.1:9/jwks', issuer: 'nobody', audience: 'nobody' };

/** Limits that stand in the way of no generated query, on a busy machine either. */
export const generousLimits: Partial<GatewayLimits> = {
  ...{ depth: 50, aliases: 1_000, rootFields: 1_000, tokens: 100_000, cost: Number.MAX_SAFE_INTEGER },
  ...{ directives: 1_000, directivesInPlace: 100, requestTimeoutMs: 120_000 },
};

/** Starts a gateway over the given subgraphs, with no identity provider unless the options name one. */
export const startBareGateway = async (
  { sdls, urls, keyFile, limits, options }: BareGatewayOptions,
  resources: AsyncDisposableStack,
): Promise<{ readonly url: string; readonly supergraph: string }> => {
  const supergraph = composedOnce(sdls);
  const key = keyFile ?? resources.use(await startGatewayKeys()).keyFile;
  const { url } = await startGateway(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { host: '127.0.0.1', port: 0 },
      production: false,
      supergraph,
      subgraphs: urls,
      internalKeyFiles: [key],
      tokens: noIssuer,
      origins: [],
      limits: { ...defaultLimits, drainSpreadMs: 0, lingerMs: 0, ...limits },
      resilience: {},
      ...options,
    },
    createLog('gateway', 'silent'),
    resources,
  );
  return { url, supergraph };
};
