import type { Logger } from '@rookery/runtime';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { type Client, createClient, type Sink, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { InternalTokens } from '../auth/internal-tokens.ts';

export interface UpstreamSocketOptions {
  readonly subgraph: string;
  /** The subgraph's GraphQL endpoint, http or ws. */
  readonly url: string;
  readonly tokens: InternalTokens;
  /** Longest message, in bytes. */
  readonly maxBytes: number;
  readonly log: Logger;
}

/** Interval between pings of a subgraph, and the time after which an unanswered one means that it is lost. */
const pingIntervalMs = 10_000;
const pongTimeoutMs = 5_000;
/** An unused socket is closed after this time. */
const idleTimeoutMs = 10_000;

/** Callbacks of one subscription, each called at most once and as the last, except `next`. */
export interface UpstreamSocketSink<Event> {
  readonly next: (event: Event) => void;
  readonly complete: () => void;
  /** The subgraph's own errors, as a list; or whatever tells of a connection that was lost or never made. */
  readonly error: (cause: unknown) => void;
}

/**
 * A graphql-transport-ws socket to a subgraph, which the first subscription opens. When it closes, its subscriptions are
 * lost, whatever the close code: after 1000 graphql-ws would silently subscribe again, and the events in between would
 * be missing.
 */
export class UpstreamSocket implements AsyncDisposable {
  readonly #client: Client;
  readonly #options: UpstreamSocketOptions;
  #socket: WebSocket | undefined;
  /** Functions that end the subscriptions on the socket, and those that wait for it to open. */
  #sent = new Set<(cause: unknown) => void>();
  readonly #unsent = new Set<(cause: unknown) => void>();

  constructor(options: UpstreamSocketOptions) {
    this.#options = options;
    this.#client = this.#connect(options);
  }

  /** Returns what ends it, at once and whatever it waits for. */
  subscribe<Event>(payload: SubscribePayload, sink: UpstreamSocketSink<Event>): () => void {
    let over = false;
    const finish = (tell: () => void) => {
      if (over) return;
      over = true;
      this.#sent.delete(lose);
      this.#unsent.delete(lose);
      // The library counts the users of the socket, and releases none if the connection fails.
      leave();
      tell();
    };
    const lose = (cause: unknown) => finish(() => sink.error(cause));
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    (isOpen ? this.#sent : this.#unsent).add(lose);
    const leave = this.#client.subscribe<Event>(payload, {
      next: (event) => {
        if (!over) sink.next(event as Event);
      },
      complete: () => finish(sink.complete),
      error: lose,
    } as Sink);
    return () => finish(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.dispose();
  }

  #connect({ subgraph, url, tokens, maxBytes, log }: UpstreamSocketOptions): Client {
    class BoundedWebSocket extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, {
          maxPayload: maxBytes,
          perMessageDeflate: false,
          handshakeTimeout: 2_000,
        });
      }
    }
    let late: NodeJS.Timeout | undefined;
    const client = createClient({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: BoundedWebSocket,
      connectionParams: () => ({ [gatewayHeader]: tokens.forReads(subgraph, { viewer: null }) }),
      connectionAckWaitTimeout: 3_000,
      lazyCloseTimeout: idleTimeoutMs,
      keepAlive: pingIntervalMs,
      // The subscriber decides whether to retry: a subscription that is reopened unnoticed would have lost events.
      retryAttempts: 0,
      on: {
        connected: (socket) => {
          this.#socket = socket as WebSocket;
          for (const lose of this.#unsent) this.#sent.add(lose);
          this.#unsent.clear();
        },
        ping: (received) => {
          if (!received) late = setTimeout(() => client.terminate(), pongTimeoutMs);
        },
        pong: (received) => {
          if (received) clearTimeout(late);
        },
        error: (error) => log.debug({ subgraph, error }, 'live connection to subgraph failed'),
        closed: (event) => {
          clearTimeout(late);
          this.#lost(event);
        },
      },
    });
    return client;
  }

  #lost(event: unknown): void {
    const { subgraph, log } = this.#options;
    const lost = this.#sent;
    this.#socket = undefined;
    this.#sent = new Set();
    const subscriptions = lost.size + this.#unsent.size;
    if (subscriptions > 0)
      log.warn({ subgraph, code: codeOf(event), subscriptions }, 'live connection to subgraph lost');
    for (const lose of lost) lose(event);
  }
}

const codeOf = (event: unknown): unknown =>
  event !== null && typeof event === 'object' && 'code' in event ? event.code : String(event);
