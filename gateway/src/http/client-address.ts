import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';

/** Returns whether an address belongs to a trusted proxy; `hop` is 0 for the peer of the connection. */
export type TrustedProxy = (address: string, hop: number) => boolean;

/**
 * @param ranges addresses and CIDR ranges; if there are none, X-Forwarded-For is ignored
 * @throws TypeError if one is invalid
 */
export const trustedProxies = (ranges: readonly string[]): TrustedProxy => proxyAddress.compile([...ranges]);

/**
 * Returns the address of the client: the nearest one that is no trusted proxy. Earlier entries of
 * X-Forwarded-For may be forged.
 */
export const clientAddress = (request: IncomingMessage, trusted: TrustedProxy): string =>
  proxyAddress(request, trusted);
