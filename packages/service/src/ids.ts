import { createHash } from 'node:crypto';
import { stringify, v7, validate } from 'uuid';

/** A fresh id: UUID version 7 (RFC 9562), which sorts by the time at which it was made. */
export const newId = (): string => v7();

/** RFC 9562, section 5.8: the first 122 bits of a SHA-256. */
const fromHash = (text: string): string => {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return stringify(bytes);
};

/**
 * The id of the event that a command with an idempotency key makes: a function of the actor and the key alone
 * (UUID version 8, RFC 9562 section 5.8, from SHA-256), so that the same key means the same event wherever
 * it is tried: on another replica, on the second queue, after the queue has forgotten it.
 */
export const keyedId = (actor: string, key: string): string => fromHash(`rookery\0${actor}\0${key}`);

/**
 * The event id of a command with an idempotency key: the same again for the same input, so that it has one effect even if it
 * is accepted twice; another for another input, so that its own status can be told.
 */
export const commandId = (actor: string, key: string, inputHash: string): string =>
  derivedId('command', actor, key, inputHash);

/** The id of a thing that is a function of other ids: UUID version 8, as above, apart for each purpose. */
export const derivedId = (purpose: string, ...ids: readonly string[]): string =>
  fromHash(`rookery-${purpose}\0${ids.join('\0')}`);

/** Whether the text is an id at all; what is not one can't name anything. */
export const isId = (text: string): boolean => validate(text) && text === text.toLowerCase();
