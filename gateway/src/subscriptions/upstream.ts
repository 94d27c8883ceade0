import { unavailable } from '@rookery/graphql-server';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import { UpstreamSocket, type UpstreamSocketOptions } from './upstream-socket.ts';

/** An event of a subgraph for one subscription. */
export type UpstreamEvent = FormattedExecutionResult<Record<string, unknown>, unknown>;

/** Reason why events ended without completion by the subgraph. */
export interface UpstreamEnd {
  readonly error: unknown;
  /** Called when the connection is lost and is being reopened. */
  readonly lost: boolean;
}

export interface UpstreamSink {
  readonly next: (event: UpstreamEvent) => void;
  /** Called when the connection is lost and is being reopened. */
  readonly lost?: () => void;
  /** No more events come: without an error, because the subgraph has completed. */
  readonly end: (failure?: UpstreamEnd) => void;
}

/** All subscriptions of a gateway to one subgraph share these; the protocol multiplexes. */
const sockets = 2;

/** The gateway's subscriptions at one subgraph, over graphql-transport-ws. */
export class Upstream implements AsyncDisposable {
  readonly #sockets: readonly UpstreamSocket[];
  #next = 0;

  constructor(options: UpstreamSocketOptions) {
    this.#sockets = Array.from({ length: sockets }, () => new UpstreamSocket(options));
  }

  /**
   * Opens a subscription and asks the subgraph for its position (`extensions.checkpoint` of events, even
   * without data), so that it can be reopened before its first event. Returns a function that ends it at any
   * time.
   * @param headers as over HTTP; sent in the extensions, since subscriptions share a socket
   * @param checkpoint position before the connection was lost, for a field without a cursor
   */
  subscribe(
    payload: SubscribePayload,
    headers: Readonly<Record<string, string>>,
    { next, end }: UpstreamSink,
    checkpoint?: string,
  ): () => void {
    const socket = this.#sockets[this.#next++ % sockets];
    if (socket === undefined) throw new Error('no upstream socket');
    const extensions = {
      ...headers,
      checkpoints: true,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    return socket.subscribe<UpstreamEvent>(
      { ...payload, extensions },
      { next, complete: () => end(), error: (cause) => end(failureOf(cause)) },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket[Symbol.asyncDispose]()));
  }
}

/** An error of the subgraph's own passes; a lost connection is SERVICE_UNAVAILABLE. */
const failureOf = (cause: unknown): UpstreamEnd => {
  if (!Array.isArray(cause)) return { error: unavailable(), lost: true };
  const [first] = cause as GraphQLFormattedError[];
  const error = new GraphQLError(first?.message ?? 'failed', { extensions: first?.extensions ?? null });
  return { error, lost: false };
};
