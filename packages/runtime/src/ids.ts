import { createHash } from 'node:crypto';
import { stringify, v7, validate } from 'uuid';

/** Returns a new id: UUID version 7 (RFC 9562), which sorts by time. */
export const newId = (): string => v7();

/** RFC 9562, section 5.8: the first 122 bits of a SHA-256. */
const fromHash = (text: string): string => {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return stringify(bytes);
};

/**
 * Returns the id of the claim of a command with an idempotency key: a function of actor and key alone (UUID
 * version 8, RFC 9562 section 5.8, from SHA-256), so that the same key means the same claim on another
 * replica, on the second queue, and after the queue has forgotten it.
 */
export const keyedId = (actor: string, key: string): string => fromHash(`rookery\0${actor}\0${key}`);

/**
 * Returns the event id of a command with an idempotency key. The same input gives the same id, so that a
 * command that is accepted twice has one effect; another input gives another id, which has its own status.
 */
export const commandId = (actor: string, key: string, inputHash: string): string =>
  derivedId('command', actor, key, inputHash);

/** Returns an id derived from other ids: UUID version 8, as above, separate for each purpose. */
export const derivedId = (purpose: string, ...ids: readonly string[]): string =>
  fromHash(`rookery-${purpose}\0${ids.join('\0')}`);

/** Returns whether an id is derived from something: of version 8. A fresh one never is. */
export const isDerivedId = (id: string): boolean => id[14] === '8';

/** Returns whether the text is a valid id. */
export const isId = (text: string): boolean => validate(text) && text === text.toLowerCase();
