import { Broadcasts, type Channel } from './broadcasts.ts';
import { SharedEvent } from './shared-event.ts';
import type { UpstreamEnd, UpstreamSink } from './upstream.ts';

/** Starts one upstream subscription; returns what ends it. */
export type OpenUpstream = (sink: UpstreamSink) => () => void;

/** One subscriber of an upstream. */
export interface SharedSink {
  readonly next: (event: SharedEvent) => void;
  readonly end: (failure?: UpstreamEnd) => void;
}

interface Shared {
  readonly sinks: Set<SharedSink>;
  /** Events, and the end, on their way to the sinks. */
  readonly channel: Channel<SharedSink>;
  stop: (() => void) | undefined;
}

/**
 * One upstream subscription for all who ask for the same thing with the same rights. The first to leave ends
 * nobody else's; the last to leave closes it, also when it is silent.
 */
export class SharedUpstreams {
  readonly #shared = new Map<string, Shared>();
  readonly #broadcasts: Broadcasts<SharedSink>;

  constructor(broadcasts = new Broadcasts<SharedSink>()) {
    this.#broadcasts = broadcasts;
  }

  /** @param key equal for equal graph, subgraph, operation, variables and viewer; undefined is never shared */
  join(key: string | undefined, open: OpenUpstream, sink: SharedSink): () => void {
    if (key === undefined)
      return open({ next: (event) => sink.next(new SharedEvent(event, true)), end: sink.end });
    const shared = this.#shared.get(key) ?? this.#start(key, open);
    shared.sinks.add(sink);
    return () => {
      if (!shared.sinks.delete(sink) || shared.sinks.size > 0) return;
      this.#forget(key, shared);
      shared.stop?.();
    };
  }

  get size(): number {
    return this.#shared.size;
  }

  #start(key: string, open: OpenUpstream): Shared {
    const shared: Shared = { sinks: new Set(), channel: [], stop: undefined };
    this.#shared.set(key, shared);
    shared.stop = open({
      next: (event) => {
        const each = new SharedEvent(event, shared.sinks.size === 1);
        this.#broadcasts.send(shared.channel, [...shared.sinks], (sink) => sink.next(each));
      },
      // Its missed events began before any new subscriber.
      lost: () => this.#forget(key, shared),
      end: (failure) => {
        this.#forget(key, shared);
        const sinks = [...shared.sinks];
        shared.sinks.clear();
        this.#broadcasts.send(shared.channel, sinks, (sink) => sink.end(failure));
      },
    });
    return shared;
  }

  #forget(key: string, shared: Shared): void {
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
  }
}
