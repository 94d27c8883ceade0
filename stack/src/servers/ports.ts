import { createServer } from 'node:net';
import { PortClaims } from './port-claims.ts';

/** Below what systems give to outgoing connections (32768 and up on Linux, 49152 on macOS), any of which may take a port. */
const lowest = 10_240;
const highest = 32_767;
/** Ports that are tried before it is given up. */
const tries = 1_000;

let claims: PortClaims | undefined;

/**
 * A TCP port that nothing listens on now, and that nobody else is given for two minutes: systems that start side by
 * side must not end up talking to each other.
 * @throws where there is none, or where claims can't be written: the message says why
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

/** Whether this process could listen on the port now. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
