import type { Envelope } from '@rookery/schema/events';
import type { EventMaker } from './event-maker.ts';

type Act = 'publish' | 'reply' | 'like' | 'unlike' | 'share' | 'bookmark' | 'edit' | 'delete' | 'unfollow';

/** Share of each act. */
const mix: readonly (readonly [Act, number])[] = [
  ['like', 0.46],
  ['publish', 0.27],
  ['reply', 0.07],
  ['share', 0.06],
  ['bookmark', 0.05],
  ['edit', 0.04],
  ['unlike', 0.02],
  ['unfollow', 0.015],
  ['delete', 0.015],
];

/** Those that are in the feeds of followers. */
const inFeeds = mix.filter(([act]) => act === 'publish' || act === 'reply' || act === 'share');

/** Share of the reactions that are about something new, and what counts as new. */
const aboutRecent = 0.7;
const recentPosts = 2_000;
/** Number of follows, and of likes, of which some end. */
const maxLatest = 5_000;

/** Holds the latest of many, so that memory does not grow with the network. */
class Latest<T> {
  readonly all: T[] = [];
  #count = 0;

  add(one: T): void {
    this.all[this.#count++ % maxLatest] = one;
  }
}

/** The people and posts of a growing network, and what happens among them. People are named by their number. */
export class Activity {
  readonly #maker: EventMaker;
  readonly #random: () => number;
  readonly #people: string[] = [];
  readonly #posts: string[] = [];
  /** Author of each post. */
  readonly #authors: string[] = [];
  /** Number of the first post of the thread of each post. */
  readonly #firsts: number[] = [];
  /** Some of these end. */
  readonly #follows = new Latest<readonly [from: number, to: number]>();
  readonly #likes = new Latest<readonly [actor: string, post: string]>();

  constructor(maker: EventMaker, random: () => number) {
    this.#maker = maker;
    this.#random = random;
  }

  join(id: string): void {
    this.#people.push(id);
  }

  person(number: number): string {
    return this.#people[number] ?? '';
  }

  follow(from: number, to: number): Envelope {
    this.#follows.add([from, to]);
    return this.#about('rookery.user.followed', this.person(from), this.person(to));
  }

  /** Yields a follow of the person, and a like of the first post of all. */
  *admire(from: number, to: number): Generator<Envelope, void, void> {
    yield this.follow(from, to);
    const [first] = this.#posts;
    if (first !== undefined) yield this.#about('rookery.post.liked', this.person(from), first);
  }

  /** @param answered number of the post that it answers */
  publish(actor: string, answered?: number): Envelope {
    const body = `Post ${this.#posts.length + 1}, written when ${this.#people.length} people had joined this network.`;
    const data = answered === undefined ? { body } : { body, ...this.#reply(answered) };
    this.#firsts.push(answered === undefined ? this.#posts.length : (this.#firsts[answered] ?? answered));
    const event = this.#maker.make({ name: 'rookery.post.published', actor, data });
    this.#posts.push(event.id);
    this.#authors.push(actor);
    return event;
  }

  #reply(answered: number) {
    const [inReplyTo = '', first = answered] = [this.#posts[answered], this.#firsts[answered]];
    const [thread = '', threadAuthor = ''] = [this.#posts[first], this.#authors[first]];
    return { inReplyTo, ...(thread === inReplyTo ? {} : { thread }), threadAuthor };
  }

  /** Returns something that somebody does. */
  act(): Envelope {
    // The first post belongs to the first person.
    if (this.#posts.length === 0) return this.publish(this.person(0));
    return this.#do(this.#drawn(mix));
  }

  /** Returns something that followers of the actor find in their feeds: of each kind as much as everybody does. */
  write(actor: string): Envelope {
    switch (this.#drawn(inFeeds)) {
      case 'reply':
        return this.publish(actor, this.#postAt());
      case 'share':
        return this.#about('rookery.post.shared', actor, this.#post());
      default:
        return this.publish(actor);
    }
  }

  /** Returns an act by the shares of all. */
  #drawn(acts: typeof mix): Act {
    let draw = this.#random() * acts.reduce((sum, [, share]) => sum + share, 0);
    const drawn = acts.find(([, share]) => {
      draw -= share;
      return draw < 0;
    });
    return drawn?.[0] ?? 'like';
  }

  #do(act: Act): Envelope {
    switch (act) {
      case 'publish':
        return this.publish(this.#writer());
      case 'reply':
        return this.publish(this.#anyone(), this.#postAt());
      case 'like':
        return this.#like(this.#anyone(), this.#post());
      case 'share':
        return this.#about('rookery.post.shared', this.#anyone(), this.#post());
      case 'bookmark':
        return this.#about('rookery.post.bookmarked', this.#anyone(), this.#post());
      case 'unlike': {
        const like = this.#oneOf(this.#likes.all);
        return like ? this.#about('rookery.post.unliked', ...like) : this.#do('like');
      }
      case 'unfollow': {
        const follow = this.#oneOf(this.#follows.all);
        if (!follow) return this.#do('like');
        return this.#about('rookery.user.unfollowed', this.person(follow[0]), this.person(follow[1]));
      }
      case 'edit':
      case 'delete':
        return this.#change(act);
    }
  }

  #like(actor: string, post: string): Envelope {
    this.#likes.add([actor, post]);
    return this.#about('rookery.post.liked', actor, post);
  }

  #change(act: 'edit' | 'delete'): Envelope {
    // The first post stays as it is: most likes are about it.
    const at = Math.min(this.#posts.length - 1, 1 + this.#below(this.#posts.length - 1));
    const [actor, subject] = [this.#authors[at] ?? '', this.#posts[at] ?? ''];
    if (act === 'delete' && at > 0)
      return this.#maker.make({ name: 'rookery.post.deleted', actor, subject, data: {} });
    const body = `Post ${at + 1}, written again when ${this.#people.length} people had joined this network.`;
    return this.#maker.make({ name: 'rookery.post.edited', actor, subject, data: { body } });
  }

  #about(
    name:
      | 'rookery.user.followed'
      | 'rookery.user.unfollowed'
      | 'rookery.post.liked'
      | 'rookery.post.unliked'
      | 'rookery.post.shared'
      | 'rookery.post.bookmarked',
    actor: string,
    subject: string,
  ): Envelope {
    return this.#maker.make({ name, actor, subject, data: {} });
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #oneOf<T>(from: readonly T[]): T | undefined {
    return from[this.#below(from.length)];
  }

  #anyone(): string {
    return this.#oneOf(this.#people) ?? '';
  }

  /** Somebody who writes: those who came first write most. */
  #writer(): string {
    return this.#people[Math.floor(this.#random() ** 2 * this.#people.length)] ?? '';
  }

  /** Number of a post to react to: usually a recent one, otherwise one of the oldest, which everybody knows. */
  #postAt(): number {
    const { length } = this.#posts;
    return this.#random() < aboutRecent
      ? length - 1 - this.#below(Math.min(length, recentPosts))
      : Math.floor(this.#random() ** 3 * length);
  }

  #post(): string {
    return this.#posts[this.#postAt()] ?? '';
  }
}
