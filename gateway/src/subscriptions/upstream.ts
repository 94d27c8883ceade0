import { unavailable } from '@rookery/service';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import { UpstreamSocket, type UpstreamSocketOptions } from './upstream-socket.ts';

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

/** The gateway's subscriptions at one subgraph, over graphql-transport-ws. */
export class Upstream implements AsyncDisposable {
  readonly #sockets: readonly UpstreamSocket[];
  #next = 0;

  constructor(options: UpstreamSocketOptions) {
    this.#sockets = Array.from({ length: sockets }, () => new UpstreamSocket(options));
  }

  /**
   * Opens a subscription, and asks the subgraph to say where it stands (`extensions.checkpoint` of an event, also of one
   * without data), so that it can be opened anew even before its first event. Returns what ends it, at once and
   * whatever it waits for.
   * @param headers for whom it is, as over HTTP; they travel in the extensions, since all share a socket
   * @param checkpoint where it stood before its connection was lost, for a field without a cursor
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
