import { keyedId } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';

/** Returns the id of the claim of a key: the same for every input with that key. */
export const claimIdOf = ({ id, actor, idempotencykey }: Envelope): string =>
  idempotencykey === undefined ? id : keyedId(actor, idempotencykey);
