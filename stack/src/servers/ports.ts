import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below what systems give to outgoing connections (32768 and up on Linux, 49152 on macOS), any of which may take a port. */
const lowest = 10_240;
const highest = 32_767;
/** A claim counts for as long: by then whoever made it listens, or never will. Milliseconds. */
const claimLife = 120_000;
/** Ports that are tried before it is given up. */
const tries = 1_000;

/** One file for each claimed port, for every process of this machine to see. */
const claims = join(tmpdir(), 'rookery-ports');

/** Whether the port is now this caller's to listen on, and nobody else's who asks here. */
const claim = (port: number): boolean => {
  const file = join(claims, String(port));
  try {
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > claimLife) rmSync(file, { force: true });
    writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch {
    return false; // somebody's claim, of this user or of another
  }
};

/**
 * A TCP port that nothing listens on now, and that nobody else is given for two minutes: systems that start side by
 * side must not end up talking to each other.
 * @throws where there is none
 */
export const freePort = async (host = '127.0.0.1'): Promise<number> => {
  if (!existsSync(claims)) {
    mkdirSync(claims, { recursive: true });
    chmodSync(claims, 0o1777); // for every user of the machine, as the folder above
  }
  for (let tried = 0; tried < tries; tried++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (claim(port) && (await isFree(port, host))) return port;
  }
  throw new Error('no free port');
};

/** Whether this process could listen on the port now. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
