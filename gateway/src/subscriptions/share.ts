import type { UpstreamEvent, UpstreamSink } from './upstream.ts';

/** Starts one upstream subscription; returns what ends it. */
export type OpenUpstream = (sink: UpstreamSink) => () => void;

interface Shared {
  readonly sinks: Set<UpstreamSink>;
  stop: (() => void) | undefined;
}

/**
 * One upstream subscription for all who ask for the same thing with the same rights. The first to leave ends
 * nobody else's; the last to leave closes it, also when it is silent.
 */
export class SharedUpstreams {
  readonly #shared = new Map<string, Shared>();

  /** @param key equal where subgraph, operation, variables and viewer are; undefined is never shared */
  join(key: string | undefined, open: OpenUpstream, sink: UpstreamSink): () => void {
    if (key === undefined) return open(sink);
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
    const shared: Shared = { sinks: new Set(), stop: undefined };
    this.#shared.set(key, shared);
    shared.stop = open({
      next: (event) => deliver(shared.sinks, event),
      end: (failure) => {
        this.#forget(key, shared);
        const sinks = [...shared.sinks];
        shared.sinks.clear();
        for (const sink of sinks) sink.end(failure);
      },
    });
    return shared;
  }

  #forget(key: string, shared: Shared): void {
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
  }
}

/** Execution writes into the event that it is given, so each but the last gets a copy. */
const deliver = (sinks: ReadonlySet<UpstreamSink>, event: UpstreamEvent): void => {
  let others = sinks.size - 1;
  for (const sink of [...sinks]) sink.next(others-- > 0 ? structuredClone(event) : event);
};
