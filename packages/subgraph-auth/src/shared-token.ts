import { operationDigest, type TokenClaims } from './claims.ts';
import { InvalidTokenError, jsonIn } from './read-token.ts';

/** Returns the digests of the requests that share a signature, from what was signed. */
export const digestsIn = ({ requests }: TokenClaims): ReadonlySet<unknown> =>
  new Set(Array.isArray(requests) ? requests : []);

/**
 * Reads the claims of one request that shares a signature.
 * @param text the claims as they were sent, in base64url
 * @param signed what was signed for all requests: its times hold for this one as well
 * @throws InvalidTokenError if the signature does not cover the claims, or they are not bound to an operation
 */
export const readSharedClaims = (
  text: string,
  { iat, exp }: TokenClaims,
  digests: ReadonlySet<unknown>,
): TokenClaims => {
  if (!digests.has(operationDigest(text))) throw new InvalidTokenError('the signature is for other requests');
  const claims = jsonIn(text);
  // Only mutations share signatures.
  if (typeof claims.op !== 'string') throw new InvalidTokenError('not bound to an operation');
  return { ...claims, iat, exp };
};
