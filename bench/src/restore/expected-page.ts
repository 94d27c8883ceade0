import type { Network } from '@rookery/demo/bulk';
import type { Envelope } from '@rookery/schema/events';

/** Fields of a post on a page. */
export interface ShownPost {
  readonly id: string;
  readonly body: string;
  readonly likeCount: number;
  readonly shareCount: number;
  readonly replyCount: number;
}

interface Post {
  readonly likes: Set<string>;
  readonly shares: Set<string>;
  readonly replies: Set<string>;
  body: string;
}

/**
 * Works out the first page of a reader who follows some authors, from the events and without the code of the read models. The
 * authors write all their posts themselves and share none.
 */
class ExpectedPage {
  readonly #authors: ReadonlySet<string>;
  /** Posts of the authors by id, oldest first, without deleted ones. */
  readonly #posts = new Map<string, Post>();
  /** Post to which a reply belongs. */
  readonly #repliedTo = new Map<string, string>();

  /** @param authors ids */
  constructor(authors: Iterable<string>) {
    this.#authors = new Set(authors);
  }

  note({ id, type, actor, subject, data }: Envelope): void {
    const { body, inReplyTo } = data as { readonly body?: string; readonly inReplyTo?: string };
    const post = this.#posts.get(subject);
    const [, , verb] = type.split('.');
    if (verb === 'published') this.#publish(id, actor, body ?? '', inReplyTo);
    else if (verb === 'deleted') this.#delete(subject);
    else if (!post) return;
    else if (verb === 'edited') post.body = body ?? '';
    else if (verb === 'liked') post.likes.add(actor);
    else if (verb === 'unliked') post.likes.delete(actor);
    else if (verb === 'shared') post.shares.add(actor);
    else if (verb === 'unshared') post.shares.delete(actor);
  }

  #publish(id: string, author: string, body: string, inReplyTo: string | undefined): void {
    if (this.#authors.has(author))
      this.#posts.set(id, { likes: new Set(), shares: new Set(), replies: new Set(), body });
    const post = inReplyTo === undefined ? undefined : this.#posts.get(inReplyTo);
    if (inReplyTo === undefined || !post) return;
    post.replies.add(id);
    this.#repliedTo.set(id, inReplyTo);
  }

  #delete(id: string): void {
    this.#posts.delete(id);
    this.#posts.get(this.#repliedTo.get(id) ?? '')?.replies.delete(id);
  }

  /** Returns the newest posts, newest first. */
  newest(count: number): ShownPost[] {
    return [...this.#posts]
      .slice(-count)
      .reverse()
      .map(([id, { body, likes, shares, replies }]) => ({
        id,
        body,
        likeCount: likes.size,
        shareCount: shares.size,
        replyCount: replies.size,
      }));
  }
}

/** Returns the page of the network's only reader, who follows the chroniclers: those who sign up first. */
export const expectPage = (network: Pick<Network, 'batches'>, count: number): ShownPost[] => {
  let page: ExpectedPage | undefined;
  for (const batch of network.batches(5_000)) {
    page ??= new ExpectedPage(signedUpFirst(batch));
    for (const event of batch) page.note(event);
  }
  return page?.newest(count) ?? [];
};

/** Returns the ids of the people whose sign-ups are the first events. */
const signedUpFirst = (batch: readonly Envelope[]): string[] => {
  const other = batch.findIndex(({ data }) => !isChronicler(data));
  return batch.slice(0, other === -1 ? batch.length : other).map(({ id }) => id);
};

const isChronicler = (data: unknown): boolean =>
  (data as { readonly name?: string }).name?.startsWith('Chronicler ') ?? false;
