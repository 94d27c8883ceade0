import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';

/** Whether an address is that of a proxy whose word counts; `hop` is 0 for whoever is connected to us. */
export type TrustedProxy = (address: string, hop: number) => boolean;

/**
 * @param ranges addresses and CIDR ranges; none: nobody is trusted, and X-Forwarded-For counts for nothing
 * @throws TypeError where one can't be read
 */
export const trustedProxies = (ranges: readonly string[]): TrustedProxy => proxyAddress.compile([...ranges]);

/**
 * Where a request comes from: the nearest address that is no trusted proxy's. What stands further back in
 * X-Forwarded-For was written by somebody who may have made it up.
 */
export const clientAddress = (request: IncomingMessage, trusted: TrustedProxy): string =>
  proxyAddress(request, trusted);
