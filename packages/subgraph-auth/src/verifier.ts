import {
  claimsOf,
  type GatewayClaims,
  operationDigest,
  sharedMark,
  sharedTokenType,
  type TokenClaims,
  tokenType,
} from './claims.ts';
import { GatewayKeySource, type GatewayKeys } from './gateway-keys.ts';
import { clockToleranceS, InvalidTokenError, readToken } from './read-token.ts';
import { digestsIn, readSharedClaims } from './shared-token.ts';
import { VerifiedTokens } from './verified-tokens.ts';

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
const maxTokens = 5_000;
/** Verified signatures of several mutations that are remembered: all of these mutations are sent at the same time. */
const maxSignatures = 100;

interface Verified {
  readonly payload: TokenClaims;
  /** By this process's clock, in milliseconds since the epoch. */
  readonly validUntil: number;
}

/** A token of its own. */
interface VerifiedToken extends Verified {
  readonly claims: GatewayClaims;
}

/** A signature that several requests share. */
interface VerifiedSignature extends Verified {
  readonly digests: ReadonlySet<unknown>;
}

/** Creates a verifier of the gateway's internal tokens for one subgraph. It fetches keys on first use. */
export const createGatewayVerifier = ({ keysUrl, audience }: GatewayVerifierOptions): GatewayVerifier => {
  const source = new GatewayKeySource(keysUrl);
  const tokens = new VerifiedTokens<VerifiedToken>(maxTokens);
  const signatures = new VerifiedTokens<VerifiedSignature>(maxSignatures);

  const verifyWith = (token: string, type: string, { byId, clockOffsetMs }: GatewayKeys): Verified => {
    const findKey = (kid: string) => byId.get(kid);
    const payload = readToken(token, { findKey, audience, type, now: Date.now() + clockOffsetMs });
    return { payload, validUntil: (payload.exp + clockToleranceS) * 1_000 - clockOffsetMs };
  };

  const verifyNew = async (token: string, type: string): Promise<Verified> => {
    const keys = await source.current();
    try {
      return verifyWith(token, type, keys);
    } catch (error) {
      // A new key, or a clock that was set: look once more before the token is refused.
      const isMendable = error instanceof InvalidTokenError && error.mayBeMended;
      const newer = isMendable ? await source.refreshed() : undefined;
      if (newer === undefined) throw error;
      return verifyWith(token, type, newer);
    }
  };

  const verifyToken = async (token: string): Promise<VerifiedToken> => {
    const known = tokens.recall(token);
    if (known !== undefined) return known;
    const verified = await verifyNew(token, tokenType);
    const made = { ...verified, claims: claimsOf(verified.payload) };
    // The token of a mutation comes once, and would only drive out the others.
    if (made.payload.op === undefined) tokens.remember(token, made);
    return made;
  };

  const verifySignature = async (token: string): Promise<VerifiedSignature> => {
    const known = signatures.recall(token);
    if (known !== undefined) return known;
    const verified = await verifyNew(token, sharedTokenType);
    const made = { ...verified, digests: digestsIn(verified.payload) };
    signatures.remember(token, made);
    return made;
  };

  const verifyShared = async (token: string, mark: number): Promise<Omit<VerifiedToken, 'validUntil'>> => {
    const { payload: signed, digests } = await verifySignature(token.slice(0, mark));
    const payload = readSharedClaims(token.slice(mark + sharedMark.length), signed, digests);
    return { payload, claims: claimsOf(payload) };
  };

  return {
    async verify(token, body) {
      if (typeof token !== 'string' || token === '') throw new GatewayTokenError('no internal token');
      const mark = token.indexOf(sharedMark);
      try {
        const { payload, claims } = await (mark < 0 ? verifyToken(token) : verifyShared(token, mark));
        if (payload.op === undefined || (body !== undefined && payload.op === operationDigest(body)))
          return claims;
      } catch (error) {
        if (!(error instanceof InvalidTokenError)) throw error;
        throw new GatewayTokenError('the internal token is not valid', { cause: error });
      }
      throw new GatewayTokenError('the internal token is bound to another operation');
    },
  };
};
