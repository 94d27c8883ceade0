import { gatewayHeader, type Logger, newId, signStamp, unavailable } from '@rookery/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import {
  type Client,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws';
import { WebSocket } from 'ws';

export interface UpstreamOptions {
  readonly subgraph: string;
  /** The subgraph's GraphQL endpoint, http or ws. */
  readonly url: string;
  readonly secret: string;
  readonly maxBytes: number;
  readonly log: Logger;
}

/** What a subgraph sends for one subscription. */
export type UpstreamEvent = FormattedExecutionResult<Record<string, unknown>, unknown>;

/** Why no more events come, where the subgraph has not completed. */
export interface UpstreamEnd {
  readonly error: unknown;
  /** The connection is gone; what would have come over it is not known. */
  readonly lost: boolean;
}

export interface UpstreamSink {
  readonly next: (event: UpstreamEvent) => void;
  /** The connection is gone and is being made anew. */
  readonly lost?: () => void;
  /** No more events come: without an error, because the subgraph has completed. */
  readonly end: (failure?: UpstreamEnd) => void;
}

/** All subscriptions of a gateway to one subgraph share these; the protocol multiplexes. */
const sockets = 2;
/** A subgraph that does not answer a ping within this time, in milliseconds, is taken for lost. */
const pingEvery = 10_000;
const pongWithin = 5_000;
/** A socket that nobody uses is kept for as long, in milliseconds. */
const idle = 10_000;

/** The gateway's subscriptions at one subgraph, over graphql-transport-ws. */
export class Upstream implements AsyncDisposable {
  readonly #clients: readonly Client[];
  readonly #options: UpstreamOptions;
  #next = 0;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: sockets }, () => connect(options));
  }

  /**
   * Opens a subscription, and asks the subgraph to say where it begins (`extensions.checkpoint` of an event without
   * data), so that it can be opened anew even before its first event. Returns what ends it, at once and
   * whatever it waits for.
   */
  subscribe(payload: SubscribePayload, stamp: string, { next, end }: UpstreamSink): () => void {
    const client = this.#clients[this.#next++ % sockets];
    if (client === undefined) throw new Error('no upstream socket');
    const sink: Sink<UpstreamEvent> = {
      next,
      complete: () => end(),
      error: (cause) => end({ error: this.#error(cause), lost: !Array.isArray(cause) }),
    };
    const extensions = { [gatewayHeader]: stamp, checkpoints: true };
    return client.subscribe({ ...payload, extensions }, sink as Sink);
  }

  /** An error of the subgraph's own passes; a lost connection is SERVICE_UNAVAILABLE. */
  #error(cause: unknown): GraphQLError {
    if (Array.isArray(cause)) {
      const [first] = cause as GraphQLFormattedError[];
      return new GraphQLError(first?.message ?? 'failed', { extensions: first?.extensions ?? null });
    }
    const { subgraph, log } = this.#options;
    const reason = cause instanceof Error ? cause.message : closeCode(cause);
    log.warn({ subgraph, reason }, 'live connection to subgraph lost');
    return unavailable();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.dispose()));
  }
}

const closeCode = (cause: unknown): unknown =>
  cause !== null && typeof cause === 'object' && 'code' in cause ? cause.code : String(cause);

const connect = ({ url, secret, maxBytes }: UpstreamOptions): Client => {
  class BoundedWebSocket extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { maxPayload: maxBytes, perMessageDeflate: false, handshakeTimeout: 2_000 });
    }
  }
  let late: NodeJS.Timeout | undefined;
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: BoundedWebSocket,
    connectionParams: () => ({
      [gatewayHeader]: signStamp(secret, { viewer: null, requestId: newId(), readAfter: [] }),
    }),
    connectionAckWaitTimeout: 3_000,
    lazyCloseTimeout: idle,
    keepAlive: pingEvery,
    // Whoever subscribes decides whether to try again: reopened unseen, a subscription would have lost events.
    retryAttempts: 0,
    on: {
      ping: (received) => {
        if (!received) late = setTimeout(() => client.terminate(), pongWithin);
      },
      pong: (received) => {
        if (received) clearTimeout(late);
      },
      closed: () => clearTimeout(late),
    },
  });
  return client;
};
