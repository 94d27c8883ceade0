import { createServer } from 'node:net';
import { PortClaims } from './port-claims.ts';

/**
 * Lowest port. The range is below the ephemeral ports of systems (32768 and up on Linux, 49152 on macOS), any
 * of which may be taken by an outgoing connection.
 */
const lowest = 10_240;
const highest = 32_767;
/** Number of ports to try. */
const tries = 1_000;

let claims: PortClaims | undefined;

/**
 * Returns a TCP port that is free now and is not returned to others for two minutes: systems that start
 * concurrently must not end up talking to each other.
 * @throws if there is none, or if claims cannot be written
 */
export const freePort = async (host = '127.0.0.1'): Promise<number> => {
  if (claims === undefined) {
    claims = new PortClaims();
    claims.sweep();
  }
  for (let tried = 0; tried < tries; tried++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (claims.claim(port) && (await isFree(port, host))) return port;
  }
  throw new Error(`no free port: ${tries} between ${lowest} and ${highest} were all claimed or taken`);
};

/** Returns whether this process could listen on the port now. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
