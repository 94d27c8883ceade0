import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { unavailable } from '@rookery/graphql-server';
import { bulkhead, isBulkheadRejectedError } from 'cockatiel';

/**
 * Argon2id with the parameters of OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
 * The algorithm is the library's default; its enum can't be imported by files that are run as they are.
 */
const parameters: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes that may wait for a free slot; at some 40 ms each, the last one waits about a second. */
const waiting = 50;

export interface Passwords {
  /**
   * Returns the PHC string to store.
   * @throws RookeryError SERVICE_UNAVAILABLE if too many calls are waiting
   */
  hash(password: string): Promise<string>;
  /**
   * Returns whether the password matches the hash. Without a hash it does not, and takes just as long, so
   * that the duration of a log-in does not reveal whether the account exists.
   * @throws RookeryError SERVICE_UNAVAILABLE if too many calls are waiting
   */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}

/** The same password on another keyboard can be other code points; both become one (RFC 8265, section 4.2). */
const normal = (password: string): string => password.normalize('NFC');

/** Each hash takes 19 MiB and a core for as long as it runs; more than Node's pool has threads would only wait inside it. */
const atMost = Math.min(4, availableParallelism());

/** @param atOnce how many hashes may run at the same time */
export const createPasswords = async (atOnce = atMost): Promise<Passwords> => {
  const slots = bulkhead(atOnce, waiting);
  const inSlot = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await slots.execute(work);
    } catch (error) {
      throw isBulkheadRejectedError(error) ? unavailable() : error;
    }
  };
  const nobodys = await hash(crypto.randomUUID(), parameters);
  return {
    hash: (password) => inSlot(() => hash(normal(password), parameters)),
    matches: async (password, kept) => {
      const right = await inSlot(() => verify(kept ?? nobodys, normal(password)));
      return right && kept !== undefined;
    },
  };
};
