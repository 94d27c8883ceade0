import { claimsOf, type GatewayClaims, operationDigest, type TokenClaims } from './claims.ts';
import { GatewayKeySource, type GatewayKeys } from './gateway-keys.ts';
import { clockToleranceS, InvalidTokenError, readToken } from './read-token.ts';

/** The token is missing, forged, expired, meant for another subgraph, or bound to another operation. */
export class GatewayTokenError extends Error {
  override readonly name = 'GatewayTokenError';
}

export interface GatewayVerifierOptions {
  /** Address of the gateway's published keys: `http://<gateway>:<metrics port>/.well-known/gateway-keys.json`. */
  readonly keysUrl: string;
  /** Name of this subgraph in the supergraph. */
  readonly audience: string;
}

export interface GatewayVerifier {
  /**
   * Verifies an internal token.
   * @param token value of the `x-rookery-gateway` header
   * @param body the raw request body, if there is one
   * @throws GatewayTokenError if the request does not come from the gateway; answer 403
   * @throws GatewayKeysUnavailableError if the gateway's keys could not be fetched; answer 503
   */
  verify(token: unknown, body?: string | Uint8Array): Promise<GatewayClaims>;
}

/** Verified tokens that are remembered: the gateway sends one token with many requests of a viewer. */
const cacheSize = 5_000;

interface Verified {
  readonly payload: TokenClaims;
  readonly claims: GatewayClaims;
  /** By this process's clock, in milliseconds since the epoch. */
  readonly validUntil: number;
}

/** Creates a verifier of the gateway's internal tokens for one subgraph. It fetches keys on first use. */
export const createGatewayVerifier = ({ keysUrl, audience }: GatewayVerifierOptions): GatewayVerifier => {
  const source = new GatewayKeySource(keysUrl);
  const seen = new Map<string, Verified>();

  const verifyWith = (token: string, { byId, clockOffsetMs }: GatewayKeys): Verified => {
    const findKey = (kid: string) => byId.get(kid);
    const payload = readToken(token, { findKey, audience, now: Date.now() + clockOffsetMs });
    const validUntil = (payload.exp + clockToleranceS) * 1_000 - clockOffsetMs;
    return { payload, claims: claimsOf(payload), validUntil };
  };

  const verifyOnce = async (token: string): Promise<Verified> => {
    const keys = await source.current();
    try {
      return verifyWith(token, keys);
    } catch (error) {
      // A new key, or a clock that was set: look once more before the token is refused.
      const isMendable = error instanceof InvalidTokenError && error.mayBeMended;
      const newer = isMendable ? await source.refreshed() : undefined;
      if (newer === undefined) throw error;
      return verifyWith(token, newer);
    }
  };

  const remember = (token: string, verified: Verified): void => {
    if (seen.size >= cacheSize) {
      const [oldest] = seen.keys();
      if (oldest !== undefined) seen.delete(oldest);
    }
    seen.set(token, verified);
  };

  const verifyNew = async (token: string): Promise<Verified> => {
    try {
      const verified = await verifyOnce(token);
      // The token of a mutation comes once, and would only drive out the others.
      if (verified.payload.op === undefined) remember(token, verified);
      return verified;
    } catch (error) {
      if (!(error instanceof InvalidTokenError)) throw error;
      throw new GatewayTokenError('the internal token is not valid', { cause: error });
    }
  };

  /** Returns what is remembered of a token that is still valid. */
  const recall = (token: string): Verified | undefined => {
    const known = seen.get(token);
    if (known !== undefined && Date.now() < known.validUntil) return known;
    seen.delete(token);
    return undefined;
  };

  return {
    async verify(token, body) {
      if (typeof token !== 'string' || token === '') throw new GatewayTokenError('no internal token');
      const { payload, claims } = recall(token) ?? (await verifyNew(token));
      if (payload.op !== undefined && (body === undefined || payload.op !== operationDigest(body)))
        throw new GatewayTokenError('the internal token is bound to another operation');
      return claims;
    },
  };
};
