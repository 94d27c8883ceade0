import {
  about,
  block,
  choose,
  edit,
  type FeedEvents,
  hideShares,
  type Item,
  mute,
  publish,
  showShares,
  type Told,
  unblock,
  unfollow,
  unmute,
} from './feed-events-world.ts';

export type Cast = Awaited<ReturnType<FeedEvents['cast']>>;
/** One thing that somebody does, out of small numbers. */
export interface Step {
  readonly kind: string;
  readonly actor: number;
  readonly post: number;
}

/** Returns a function that makes an event of each step. */
export const player = ({ reader, ada, bob, stranger }: Cast) => {
  const actors = [ada, bob, stranger, reader];
  const posts: { readonly id: string; readonly author: string }[] = [];
  let edits = 0;
  const toggle = (kind: string, which: number) => {
    const pair = [reader, which % 3 === 0 ? bob : stranger] as const;
    const [from, to] = which % 2 === 0 ? pair : ([pair[1], pair[0]] as const);
    return kind === 'block' ? block(from, to) : unblock(from, to);
  };
  type Posted = (typeof posts)[number];
  const happen: Readonly<Record<string, (which: number, post: Posted) => ReturnType<typeof publish>>> = {
    block: (which) => toggle('block', which),
    unblock: (which) => toggle('unblock', which),
    mute: (which) => mute(reader, which % 2 ? bob : stranger),
    unmute: (which) => unmute(reader, which % 2 ? bob : stranger),
    hideShares: () => hideShares(reader, bob),
    showShares: () => showShares(reader, bob),
    choose: (which) => choose(reader, which % 2 ? 'OWN_ITEMS' : 'REPLIES_TO_OTHERS', which % 3 > 0),
    edit: (_which, { author, id }) => edit(author, id, `edit ${++edits}`),
    delete: (_which, { author, id }) => about('rookery.post.deleted', author, id),
  };
  return ({ kind, actor: by, post: which }: Step) => {
    const actor = actors[by] as string;
    const post = posts[which % Math.max(1, posts.length)];
    if (kind === 'publish' || kind === 'reply' || !post) {
      const event = publish(actor, 'first', kind === 'reply' ? post?.id : undefined);
      posts.push({ id: event.id, author: actor });
      return event;
    }
    // Somebody who is followed again brings old items along, which no event tells of.
    if (kind === 'unfollow' && which === 0) return unfollow(reader, bob);
    const share = kind === 'unshare' ? 'rookery.post.unshared' : 'rookery.post.shared';
    return happen[kind]?.(which, post) ?? about(share, actor, post.id);
  };
};

/** Items that a client holds, oldest first, so that what comes in is newest. */
export type Held = ReadonlyMap<string, Item>;
export const heldOf = ({ items }: Awaited<ReturnType<FeedEvents['readFeed']>>): Held =>
  new Map(items.toReversed().map((item) => [item.id, item] as const));

/** Does what an event tells a client to do. */
export const follows = (before: Held, { kind, item, post, itemId, postId, actorId }: Told): Held => {
  const held = new Map(before);
  if (kind === 'ADDED' && item) {
    held.delete(item.id);
    held.set(item.id, item);
  }
  for (const [id, one] of held) {
    if (id === itemId || one.post.id === postId || one.actor.id === actorId) held.delete(id);
    else if (kind === 'CHANGED' && id === item?.id) held.set(id, item);
    else if (kind === 'CHANGED' && one.post.id === post?.id) held.set(id, { ...one, post });
  }
  return held;
};
