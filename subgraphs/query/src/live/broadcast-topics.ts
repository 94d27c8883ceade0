import type { LiveTopic } from '@rookery/feeds';
import type { QueryContext } from '../context.ts';
import type { Wakes } from './stream.ts';

/** Follows read in one round trip. */
const atOnce = 1_000;

/**
 * The topics that wake the stream of a friends feed: that of the feed, and one for each followed author whose items are
 * broadcast. All follows are looked through once, in the background, and afterwards only new ones; an author whose items
 * are broadcast since then shows in what the stream reads. An author who is missing only costs latency.
 */
export class BroadcastTopics {
  readonly #context: QueryContext;
  readonly #viewer: string;
  readonly #authors = new Set<string>();
  /** Position of the last follow that was looked at. */
  #lookedAt = 0;
  #hasLooked = false;
  #looking = false;
  /** Topics besides those of the authors. */
  #others: readonly LiveTopic[] = [];

  constructor(context: QueryContext, viewer: string) {
    this.#context = context;
    this.#viewer = viewer;
  }

  /**
   * Watches exactly these topics from now on.
   * @param broadcasters authors whose items were broadcast
   * @param more other topics, and whether the stream has found something: then its hint was not about a new follow
   */
  watch(
    wakes: Wakes,
    broadcasters: readonly string[],
    { others = [], hasRows }: { readonly others?: readonly LiveTopic[]; readonly hasRows: boolean },
  ): void {
    for (const author of broadcasters) this.#authors.add(author);
    this.#others = [`feed:${this.#viewer}`, ...others];
    this.#watchAll(wakes);
    if (!hasRows || !this.#hasLooked) void this.#lookAtNewFollows(wakes);
  }

  #watchAll(wakes: Wakes): void {
    wakes.watch([...this.#others, ...[...this.#authors].map((author) => `author:${author}` as const)]);
  }

  async #lookAtNewFollows(wakes: Wakes): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { reader, log } = this.#context;
    try {
      for (let isLast = false; !isLast; ) {
        const follows = await reader.collection('follows').page({
          where: { actor: this.#viewer, active: true },
          orderBy: 'position',
          direction: 'asc',
          after: this.#lookedAt,
          limit: atOnce,
        });
        const found = await reader.collection('authors').getMany(follows.map(({ doc }) => doc.object));
        for (const author of found.keys()) this.#authors.add(author);
        if (found.size > 0) this.#watchAll(wakes);
        this.#lookedAt = follows.at(-1)?.doc.position ?? this.#lookedAt;
        isLast = follows.length < atOnce;
      }
      this.#hasLooked = true;
    } catch (error) {
      log.debug({ error }, 'failed to read the followed authors; the next look tries again');
    }
    this.#looking = false;
  }
}
