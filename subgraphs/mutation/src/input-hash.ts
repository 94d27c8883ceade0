import { createHash } from 'node:crypto';
import type { Verb } from '@rookery/schema/events';

/** Fields in one order, without those that are absent, so that two writings of the same input are the same text. */
const canonical = (input: object): string =>
  JSON.stringify(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** SHA-256, in base64url, of what a command asks for: its verb, and its flat input without the idempotency key. */
export const inputHash = (verb: Verb, input: object): string =>
  createHash('sha256')
    .update(`${verb}\0${canonical(input)}`)
    .digest('base64url');
