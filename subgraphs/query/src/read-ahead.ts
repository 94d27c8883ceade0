import type { FeedEntry } from '@rookery/feeds';
import type { Stretch } from './stretches.ts';

/**
 * Reads the entries of a list before a position, newest first: fewer than the limit only if there are no more, and up to so many more
 * ahead.
 */
export type ReadBefore = (from: number, limit: number, ahead: number) => Promise<Stretch>;

/**
 * The part of a list that one read of a page has come by. Later rounds of the page, and its neighbors, are taken out of it
 * as far as it goes: one call of the stores instead of one for each.
 */
export class ReadAhead {
  readonly #top: number;
  readonly #read: ReadBefore;
  #known: (Stretch & { readonly from: number }) | undefined;

  /** @param top position after all entries that count */
  constructor(top: number, read: ReadBefore) {
    this.#top = top;
    this.#read = read;
  }

  /**
   * Returns entries before a position, newest first: fewer than the limit only if there are no more.
   * @param ahead how many more are read for later, if any must be read
   */
  async before(position: number, limit: number, ahead = 0): Promise<readonly FeedEntry[]> {
    const from = Math.min(position, this.#top);
    const held = this.#held(from);
    const entries = held?.entries.filter((entry) => entry.position < from);
    if (held && entries && (held.isLast || entries.length >= limit)) return entries.slice(0, limit);
    const read = await this.#read(from, limit, ahead);
    this.#known = { ...read, from };
    return read.entries.slice(0, limit);
  }

  /** Returns entries after a position, oldest first, if all of them are known: fewer than the limit only if there are no more. */
  after(position: number, limit: number): readonly FeedEntry[] | undefined {
    const held = this.#held(position + 1);
    const entries = held?.entries.filter((entry) => entry.position > position).toReversed();
    if (!held || !entries || (held.from < this.#top && entries.length < limit)) return undefined;
    return entries.slice(0, limit);
  }

  /** Returns what is known if nothing is left out between it and the entries before a position. */
  #held(from: number) {
    const known = this.#known;
    if (!known || from > known.from) return undefined;
    const end = known.isLast ? 0 : known.entries.at(-1)?.position;
    return end !== undefined && from > end ? known : undefined;
  }
}
