import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import { Source } from './source.ts';

/** A number that changes, told each time that it has; the checkpoint is what was told. */
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
    extensions,
    checkpoint = String(this.#value),
  }: SubgraphContext & { checkpoint?: unknown }): AsyncGenerator<number> {
    extensions.checkpoint = checkpoint;
    const changes = this.#source.listen(checkpoint === String(this.#value) ? [] : [this.#value]);
    const { next } = changes;
    return Object.assign(changes, {
      next: async () => {
        const result = await next();
        if (!result.done) extensions.checkpoint = String(result.value);
        return result;
      },
    });
  }
}
