import type { ServerResponse } from 'node:http';
import { rateLimited } from '@rookery/graphql-server';
import type { ErrorCode, Logger } from '@rookery/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { Session } from './authenticate.ts';
import { type Close, closeCodes } from './close-codes.ts';
import type { LiveConnections } from './live-connections.ts';
import type { GatewayMetrics } from './metrics.ts';
import { whenExpired } from './session-expiry.ts';
import type { SubscriptionStart } from './subscriptions/start.ts';

export interface EventStreamsOptions {
  readonly connections: LiveConnections;
  readonly metrics: GatewayMetrics;
  /** Streams at once over one connection (HTTP/2 multiplexes). */
  readonly streamsPerConnection: number;
  readonly log: Logger;
}

/** A comment, so that whatever is between client and gateway sees life, in milliseconds. */
const pingEvery = 12_000;

/** Returns the code of the end of a stream in GraphQL, which has no close codes. */
const codeOf = (why: Close): ErrorCode => {
  const unauthenticated: readonly Close[] = [closeCodes.tokenExpired, closeCodes.revoked];
  return unauthenticated.includes(why) ? 'UNAUTHENTICATED' : 'SERVICE_UNAVAILABLE';
};

/** @param data JSON, in which no line ends */
const message = (event: 'next' | 'complete', data = ''): string => `event: ${event}\ndata: ${data}\n\n`;

/**
 * GraphQL over Server-Sent Events, distinct connections mode: a request that accepts text/event-stream is answered
 * by `next` events and one `complete`. Written by hand: graphql-sse's handler buffers without bound.
 * https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
 */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new WeakMap<object, number>();
  #draining = false;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  /** No more streams from now on: the gateway stops. */
  drain(): void {
    this.#draining = true;
  }

  /** @throws RookeryError RATE_LIMITED or SERVICE_UNAVAILABLE if no stream may be opened */
  admit(request: FastifyRequest): void {
    if (this.#draining || (this.#open.get(carrier(request)) ?? 0) >= this.#options.streamsPerConnection)
      throw rateLimited(1);
  }

  /** Answers with a stream: of a single result, or of a subscription's events. Resolves when it is over. */
  async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    session: Session | undefined,
    outcome: FormattedExecutionResult | SubscriptionStart,
  ): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would otherwise collect it.
      'x-accel-buffering': 'no',
    });
    // Some browsers take no notice of headers alone.
    raw.write(':\n\n');
    if (typeof outcome === 'function') await this.#stream(request, raw, session, outcome);
    else raw.end(message('next', JSON.stringify(outcome)) + message('complete'));
  }

  async #stream(
    request: FastifyRequest,
    raw: ServerResponse,
    session: Session | undefined,
    start: SubscriptionStart,
  ): Promise<void> {
    const { connections, metrics, log } = this.#options;
    const by = carrier(request);
    this.#open.set(by, (this.#open.get(by) ?? 0) + 1);
    metrics.streams.inc();
    // A client that is too slow can't be told: what would say so waits behind what it does not read.
    const events = start(() => raw.destroy());
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const close = (why: Close, comeBackIn = 0): void => {
      void events.return(undefined);
      raw.end(ending(why, comeBackIn));
      // Whoever does not read does not get it.
      if (raw.writableNeedDrain) raw.destroy();
    };
    connections.add({ session, subscriptions: 1, close, closed });
    const forget = whenExpired(session, () => close(closeCodes.tokenExpired));
    const ping = setInterval(() => {
      if (!raw.writableNeedDrain) raw.write(':\n\n');
    }, pingEvery);
    raw.once('close', () => void events.return(undefined));
    try {
      for await (const answer of events) {
        if (!raw.write(message('next', answer)) && !raw.destroyed) await drained(raw);
      }
      if (!raw.writableEnded) raw.end(message('complete'));
    } catch (error) {
      log.error({ error }, 'event stream failed');
      raw.destroy();
    } finally {
      clearInterval(ping);
      forget();
      this.#open.set(by, (this.#open.get(by) ?? 1) - 1);
      metrics.streams.dec();
      resolve();
    }
  }
}

/** Resolves when more may be written, or nothing ever again. */
const drained = (raw: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });

/**
 * Returns the end of a stream that the gateway closes: what a close code and its reason say on a WebSocket.
 *
 * If the client can come back by itself, that is a comment and a `retry` hint, and no event. After `complete` a client
 * takes the subscription for finished and does not reconnect. An error right before the end would reach the
 * application at every deploy, and graphql-sse misses an end that follows an event at once.
 * @param comeBackInMs hint for the client's next connection
 */
const ending = (why: Close, comeBackInMs: number): string => {
  const code = codeOf(why);
  if (code === 'UNAUTHENTICATED') {
    const errors = [{ message: why.reason, extensions: { code, closeCode: why.code } }];
    return message('next', JSON.stringify({ errors })) + message('complete');
  }
  const hint = comeBackInMs > 0 ? `retry: ${comeBackInMs}\n` : '';
  return `${hint}: ${JSON.stringify({ code, closeCode: why.code, reason: why.reason })}\n\n`;
};

/** Returns the connection of the request: its HTTP/2 session, or its socket. */
const carrier = ({ raw }: FastifyRequest): object =>
  (raw as { stream?: { session?: object } }).stream?.session ?? raw.socket;
