import { newId } from '@rookery/runtime';
import { Source } from './source.ts';

interface Entry {
  readonly cursor: string;
  readonly note: { readonly id: string; readonly text: string; readonly author: string };
}

/** A log of past and future events in order; a cursor is a position in it. */
export class Log {
  readonly #entries: Entry[] = [];
  readonly #source = new Source<Entry>();

  get listeners(): number {
    return this.#source.listeners;
  }

  get opened(): number {
    return this.#source.opened;
  }

  get closed(): number {
    return this.#source.closed;
  }

  add(text: string, author: string): void {
    const entry = { cursor: String(this.#entries.length + 1), note: { id: newId(), text, author } };
    this.#entries.push(entry);
    this.#source.push(entry);
  }

  /** Everything newer than the cursor; without one, what happens from now on. */
  from(cursor: string | undefined): AsyncGenerator<Entry> {
    return this.#source.listen(cursor === undefined ? [] : this.#entries.slice(Number(cursor)));
  }
}
