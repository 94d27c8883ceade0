import type { ErrorCode } from '@rookery/runtime';
import type { GraphQLFormattedError } from 'graphql';
import { type Close, closeCodes } from '../websocket/close-codes.ts';

/** Writes the answers of one operation into one HTTP response. */
export interface StreamFraming {
  readonly contentType: string;
  /** Written at once: some clients take no notice of headers alone. */
  readonly opening: string;
  /** Written while nothing happens, so that clients and proxies see that the stream is alive. */
  readonly heartbeat: string;
  readonly heartbeatMs: number;
  /** Returns one answer. @param json contains no line break */
  readonly next: (json: string) => string;
  /** Written if the operation is at its end: the client does not come back. */
  readonly completion: string;
  /**
   * Returns what ends a stream that the gateway closes. It carries what a close code and its reason say on a WebSocket.
   * @param comeBackInMs hint for the client's next connection
   */
  readonly ending: (why: Close, comeBackInMs: number) => string;
  /** Returns what ends a stream whose subscription failed; undefined if the framing has no form for it. */
  readonly failure: (errors: readonly GraphQLFormattedError[]) => string | undefined;
}

/** Returns the error code for a close code, because streams have no close codes. */
const codeOf = (why: Close): ErrorCode => {
  const unauthenticated: readonly Close[] = [closeCodes.tokenExpired, closeCodes.revoked];
  return unauthenticated.includes(why) ? 'UNAUTHENTICATED' : 'SERVICE_UNAVAILABLE';
};

const event = (name: 'next' | 'complete', data = ''): string => `event: ${name}\ndata: ${data}\n\n`;

/**
 * GraphQL over Server-Sent Events, distinct connections mode.
 *
 * If the client can come back by itself, the end is a comment and a `retry` hint, and no event. After `complete` a
 * client takes the subscription for finished and does not reconnect. An error right before the end would reach the
 * application at every deploy, and graphql-sse misses an end that follows an event at once.
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export const eventStreamFraming: StreamFraming = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n',
  heartbeat: ':\n\n',
  heartbeatMs: 12_000,
  next: (json) => event('next', json),
  completion: event('complete'),
  ending: (why, comeBackInMs) => {
    const code = codeOf(why);
    if (code === 'UNAUTHENTICATED') {
      const errors = [{ message: why.reason, extensions: { code, closeCode: why.code } }];
      return event('next', JSON.stringify({ errors })) + event('complete');
    }
    const hint = comeBackInMs > 0 ? `retry: ${comeBackInMs}\n` : '';
    return `${hint}: ${JSON.stringify({ code, closeCode: why.code, reason: why.reason })}\n\n`;
  },
  failure: () => undefined,
};

/** The delimiter follows each part at once, because clients hand a part on only when they see the next delimiter. */
const delimiter = '\r\n--graphql';
// Apollo iOS compares the header's name and value letter by letter.
const part = (json: string): string => `\r\ncontent-type: application/json\r\n\r\n${json}${delimiter}`;
const closing = '--\r\n';

/** A fatal error of the transport: clients end the subscription with it, and RetryLink and its like subscribe again. */
const transportError = (errors: readonly GraphQLFormattedError[]): string =>
  part(JSON.stringify({ payload: null, errors })) + closing;

/**
 * Apollo's multipart protocol for subscriptions.
 *
 * Heartbeats come every five seconds, as from Apollo's router: OkHttp gives up after ten silent seconds by default.
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
export const multipartFraming: StreamFraming = {
  // Apollo iOS compares `subscriptionSpec=1.0` letter by letter, so it has no quotes.
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
  opening: delimiter + part('{}'),
  heartbeat: part('{}'),
  heartbeatMs: 5_000,
  next: (json) => part(`{"payload":${json}}`),
  completion: closing,
  ending: (why, comeBackInMs) => {
    const retryAfter = Math.ceil(comeBackInMs / 1_000);
    const extensions = {
      code: codeOf(why),
      closeCode: why.code,
      ...(retryAfter > 0 ? { retryAfter } : {}),
    };
    return transportError([{ message: why.reason, extensions }]);
  },
  failure: transportError,
};
