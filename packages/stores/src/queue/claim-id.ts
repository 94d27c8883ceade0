import type { Envelope } from '@rookery/schema/events';
import { keyedId } from '@rookery/service';

/** The id under which a key is claimed: the same for every input that comes with it. */
export const claimIdOf = ({ id, actor, idempotencykey }: Envelope): string =>
  idempotencykey === undefined ? id : keyedId(actor, idempotencykey);
