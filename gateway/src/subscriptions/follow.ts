import { unavailable } from '@rookery/graphql-server';
import { backoffMs, type Logger } from '@rookery/runtime';
import type { SubscribePayload } from 'graphql-ws';
import type { Resumption } from './resume.ts';
import type { OpenUpstream } from './share.ts';
import type { UpstreamEnd, UpstreamEvent, UpstreamSink } from './upstream.ts';

export interface FollowOptions {
  /**
   * Opens the operation at the subgraph; returns a function that ends it.
   * @param checkpoint position that the subgraph reported last
   */
  readonly open: (payload: SubscribePayload, sink: UpstreamSink, checkpoint?: string) => () => void;
  readonly payload: SubscribePayload & { readonly variables: Record<string, unknown> };
  /** Undefined if the field has no cursor. */
  readonly resumption: Resumption | undefined;
  /** True if it starts at a cursor of the client, from which it can be reopened before its first event. */
  readonly fromCursor: boolean;
  readonly recovery: Recovery;
  readonly log: Logger;
}

export interface Recovery {
  /** Maximum first delay before a lost upstream is reopened; doubles, with jitter. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** After so long without a connection the clients are told SERVICE_UNAVAILABLE. */
  readonly giveUpAfterMs: number;
}

export const defaultRecovery: Recovery = { firstMs: 200, maxMs: 5_000, giveUpAfterMs: 60_000 };

/** Refused before it began, for what will pass. */
const isNotReady = ({ data, errors }: UpstreamEvent): boolean =>
  data === undefined && errors?.[0]?.extensions?.code === 'SERVICE_UNAVAILABLE';

/**
 * An upstream that survives its connection. It keeps the cursor of the last event, or the last checkpoint of
 * the subgraph, and reopens the operation from there after a lost connection, so that no event is lost or
 * repeated. Without either, the loss ends the subscription, and clients are notified.
 */
export const follow =
  ({ open, payload, resumption, fromCursor, recovery, log }: FollowOptions): OpenUpstream =>
  (sink) => {
    /** Cursor, or the checkpoint of the subgraph if the field has none. */
    let place: string | undefined;
    let lostAt: number | undefined;
    let attempt = 0;
    let timer: NodeJS.Timeout | undefined;
    let stop: () => void = () => {};
    let ended = false;

    const request = (): SubscribePayload => {
      if (resumption === undefined) return payload;
      if (place === undefined) return { ...payload, query: resumption.first };
      return {
        ...payload,
        query: resumption.again,
        variables: resumption.variables(payload.variables, place),
      };
    };
    const flowing = () => {
      if (lostAt !== undefined) log.info({ attempt }, 'live subscription resumed');
      lostAt = undefined;
      attempt = 0;
    };
    const end = (failure?: UpstreamEnd) => {
      ended = true;
      sink.end(failure);
    };
    const lose = (failure: UpstreamEnd) => {
      const canResume = place !== undefined || (resumption !== undefined && fromCursor);
      lostAt ??= performance.now();
      if (!canResume || performance.now() - lostAt > recovery.giveUpAfterMs) return end(failure);
      sink.lost?.();
      // Full jitter, so that thousands that were lost at once do not come back at once.
      timer = setTimeout(begin, backoffMs(++attempt, { ...recovery, jitter: 'full' }));
    };
    const take = (event: UpstreamEvent) => {
      flowing();
      const { checkpoint } = (event.extensions ?? {}) as { checkpoint?: unknown };
      place = resumption?.takeCursor(event) ?? (typeof checkpoint === 'string' ? checkpoint : place);
      // The position is for the gateway alone.
      if (checkpoint === undefined || event.data != null || event.errors) sink.next(event);
    };
    const begin = () => {
      let over = false;
      const sink: UpstreamSink = {
        next: (event) => {
          if (over || ended) return;
          if (lostAt === undefined || !isNotReady(event)) return take(event);
          // Back, but its stores are not: no answer to the client, who has asked long ago.
          over = true;
          stop();
          lose({ error: unavailable(), lost: true });
        },
        end: (failure) => {
          if (over || ended) return;
          over = true;
          if (failure?.lost) lose(failure);
          else end(failure);
        },
      };
      stop = open(request(), sink, resumption === undefined ? place : undefined);
    };
    begin();
    return () => {
      ended = true;
      clearTimeout(timer);
      stop();
    };
  };
