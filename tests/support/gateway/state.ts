import type { SourceEvent, SourceStream } from '@rookery/graphql-server/subscribe';
import { mapIterator } from '@rookery/runtime/iterators';
import { Source } from './source.ts';

/** A number that subscribers are told each time it changes. The checkpoint is the number that they were told last. */
export class State {
  readonly #source = new Source<number>();
  #value = 0;

  get listeners(): number {
    return this.#source.listeners;
  }

  get opened(): number {
    return this.#source.opened;
  }

  get closed(): number {
    return this.#source.closed;
  }

  set(value: number): void {
    this.#value = value;
    this.#source.push(value);
  }

  /** Yields all later states, preceded by the current one unless it was the last one delivered. */
  listen({
    checkpoint = String(this.#value),
  }: {
    readonly checkpoint?: string | undefined;
  }): SourceStream<SourceEvent & { readonly value: number }> {
    const changes = this.#source.listen(checkpoint === String(this.#value) ? [] : [this.#value]);
    const events = mapIterator(changes, (value) => ({ value, extensions: { checkpoint: String(value) } }));
    return Object.assign(events, { checkpoint });
  }
}
