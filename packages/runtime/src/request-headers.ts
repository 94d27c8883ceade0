import { randomUUID } from 'node:crypto';
import { isId } from './ids.ts';

/** Names one request from the client to the projector's log. */
export const requestIdHeader = 'x-request-id';
/** Lists the activities of the viewer that the answer must reflect: ids, comma separated. */
export const readAfterHeader = 'x-read-after';

/**
 * Response header of a subgraph: its answer is JSON in UTF-8 that has data, no errors and no extensions. The gateway may hand
 * such an answer to a client as it is.
 */
export const plainDataHeader = 'x-rookery-plain-data';

/** Activities that one request may name. */
export const maxReadAfter = 50;

/** Nothing that could break a log line or a header, and not so long that it hurts. */
const saneRequestId = /^[\w.:-]{1,128}$/;

/** Returns the given request id if it is fit to be logged and sent on, else a new one. */
export const requestIdFrom = (value: unknown): string =>
  typeof value === 'string' && saneRequestId.test(value) ? value : randomUUID();

/** Returns the ids in the header as the gateway sends it; what is no id is left out. */
export const readAfterIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(',').filter(isId).slice(-maxReadAfter) : [];
