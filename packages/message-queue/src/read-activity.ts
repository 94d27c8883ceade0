import type { JsMsg } from '@nats-io/jetstream';
import { type Envelope, readEnvelope } from '@rookery/schema/events';

/** Refuses bytes that are no UTF-8, and a byte order mark: what is recorded are the bytes of the message. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Returns the event that a message of ACTIVITY holds.
 * @throws TypeError, SyntaxError or ZodError if the bytes are no UTF-8, no JSON or no event
 */
export const readActivity = (message: Pick<JsMsg, 'data'>): Envelope =>
  readEnvelope(JSON.parse(utf8.decode(message.data)));
