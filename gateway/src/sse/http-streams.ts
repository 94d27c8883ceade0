import type { ServerResponse } from 'node:http';
import { rateLimited } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { Session } from '../auth/authenticate.ts';
import { whenExpired } from '../auth/session-expiry.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { LiveConnections } from '../subscriptions/live-connections.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';
import type { GatewayMetrics } from '../telemetry/metrics.ts';
import { type Close, closeCodes } from '../websocket/close-codes.ts';
import type { StreamFraming } from './stream-framing.ts';

export interface HttpStreamsOptions {
  readonly connections: LiveConnections;
  readonly metrics: GatewayMetrics;
  /** Streams at once over one connection (HTTP/2 multiplexes). */
  readonly streamsPerConnection: number;
  readonly log: Logger;
}

/** One answer that is written as a stream. */
export interface StreamedAnswer {
  readonly framing: StreamFraming;
  readonly session: Session | undefined;
  /** A single result, or the events of a subscription. */
  readonly outcome: FormattedExecutionResult | SubscriptionStart;
}

/** A stream is refused because the gateway stops. */
export class StoppingError extends Error {
  override name = 'StoppingError';
}

/**
 * Operations that are answered by an HTTP response which stays open, one response per operation. The framing writes
 * the answers into it: Server-Sent Events, or Apollo's multipart protocol. Written by hand, because
 * graphql-sse's handler buffers without bound.
 */
export class HttpStreams {
  readonly #options: HttpStreamsOptions;
  readonly #open = new WeakMap<object, number>();
  #draining = false;

  constructor(options: HttpStreamsOptions) {
    this.#options = options;
  }

  /** Refuses new streams from now on, because the gateway stops. */
  drain(): void {
    this.#draining = true;
  }

  /** @throws StoppingError if the gateway stops, and RookeryError RATE_LIMITED if the connection has too many streams */
  admit(request: FastifyRequest): void {
    if (this.#draining) throw new StoppingError();
    if ((this.#open.get(carrier(request)) ?? 0) >= this.#options.streamsPerConnection) throw rateLimited(1);
  }

  /** Answers with a stream. Resolves when it has ended. */
  async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    { framing, session, outcome }: StreamedAnswer,
  ): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': framing.contentType,
      // A proxy that compresses would hold events back.
      'cache-control': 'no-store, no-transform',
      // nginx would buffer it otherwise.
      'x-accel-buffering': 'no',
    });
    raw.write(framing.opening);
    if (typeof outcome === 'function') await this.#stream(request, raw, framing, session, outcome);
    else raw.end(framing.next(JSON.stringify(outcome)) + framing.completion);
  }

  async #stream(
    request: FastifyRequest,
    raw: ServerResponse,
    framing: StreamFraming,
    session: Session | undefined,
    start: SubscriptionStart,
  ): Promise<void> {
    const { connections, metrics, log } = this.#options;
    const by = carrier(request);
    this.#open.set(by, (this.#open.get(by) ?? 0) + 1);
    metrics.streams.inc();
    // A client that reads too slowly cannot be told: the message would wait behind what it does not read.
    const events = start(() => raw.destroy());
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const close = (why: Close, comeBackInMs = 0): void => {
      void events.return(undefined);
      raw.end(framing.ending(why, comeBackInMs));
      // A client that does not read would keep the connection open.
      if (raw.writableNeedDrain) raw.destroy();
    };
    connections.add({ session, subscriptions: 1, close, closed });
    const forget = whenExpired(session, () => close(closeCodes.tokenExpired));
    const heartbeat = setInterval(() => {
      if (!raw.writableNeedDrain) raw.write(framing.heartbeat);
    }, framing.heartbeatMs);
    raw.once('close', () => void events.return(undefined));
    try {
      for await (const answer of events) {
        if (!raw.write(framing.next(answer)) && !raw.destroyed) await drained(raw);
      }
      if (!raw.writableEnded) raw.end(framing.completion);
    } catch (error) {
      log.error({ error }, 'stream over HTTP failed and is closed');
      const last =
        raw.writableEnded || raw.writableNeedDrain
          ? undefined
          : framing.failure(maskAll([error], { log, requestId: request.requestId }));
      if (last === undefined) raw.destroy();
      else raw.end(last);
    } finally {
      clearInterval(heartbeat);
      forget();
      this.#open.set(by, (this.#open.get(by) ?? 1) - 1);
      metrics.streams.dec();
      resolve();
    }
  }
}

/** Resolves when more may be written, or when the response is closed. */
const drained = (raw: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });

/** Returns what carries the request: its HTTP/2 session, or its socket. */
const carrier = ({ raw }: FastifyRequest): object =>
  (raw as { stream?: { session?: object } }).stream?.session ?? raw.socket;
