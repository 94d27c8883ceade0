import { newId } from '@rookery/runtime';
import { type Envelope, makeEvent, writeEvent } from '@rookery/schema/events';

/** Creates repeatable pseudo-random numbers from a seed (mulberry32). */
const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface History {
  /** The next so many events, in the order of their times. */
  next(count: number): Envelope[];
  readonly users: readonly string[];
  readonly posts: readonly string[];
}

/** Generates the endless activity of a small network, in which a few people are liked and followed by most. */
export const createHistory = ({ users: many = 50, seed = 1 } = {}): History => {
  const chance = random(seed);
  const users: string[] = [];
  const posts: string[] = [];
  const authors = new Map<string, string>();
  let time = Date.UTC(2026, 0, 1);

  const pick = (from: readonly string[]): string => {
    // The product of two: the first of a list come up far more often than the last.
    const picked = from[Math.floor(chance() * chance() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
  const anyone = (): string => users[Math.floor(chance() * users.length)] ?? pick(users);
  const at = (): string => {
    time += 1 + Math.floor(chance() * 40);
    return new Date(time).toISOString();
  };

  const signUp = (): Envelope => {
    const id = newId();
    users.push(id);
    const handle = `user_${users.length}`;
    return writeEvent(
      makeEvent({
        name: 'rookery.user.signed-up',
        id,
        subject: id,
        actor: id,
        time: at(),
        data: { handle, name: handle },
      }),
    );
  };
  const publish = (): Envelope => {
    const [id, actor] = [newId(), anyone()];
    const inReplyTo = posts.length > 0 && chance() < 0.3 ? pick(posts) : undefined;
    posts.push(id);
    authors.set(id, actor);
    const body = `Number ${posts.length}, said with as many words as people use on such an occasion.`;
    return writeEvent(
      makeEvent({
        name: 'rookery.post.published',
        id,
        subject: id,
        actor,
        time: at(),
        data: inReplyTo === undefined ? { body } : { body, inReplyTo },
      }),
    );
  };
  const change = (): Envelope => {
    const subject = pick(posts);
    const actor = authors.get(subject) ?? anyone();
    const common = { id: newId(), subject, actor, time: at() };
    return writeEvent(
      chance() < 0.8
        ? makeEvent({
            name: 'rookery.post.edited',
            ...common,
            data: { body: `Said again at ${common.time}` },
          })
        : makeEvent({ name: 'rookery.post.deleted', ...common, data: {} }),
    );
  };
  const about = (subject: string, names: readonly [string, string], undone: number): Envelope =>
    writeEvent(
      makeEvent({
        name: (chance() < undone ? names[1] : names[0]) as 'rookery.post.liked',
        id: newId(),
        subject,
        actor: anyone(),
        time: at(),
        data: {},
      }),
    );

  const one = (): Envelope => {
    if (users.length < many) return signUp();
    const what = chance();
    if (posts.length < 5 || what < 0.2) return publish();
    if (what < 0.25) return change();
    if (what < 0.65) return about(pick(posts), ['rookery.post.liked', 'rookery.post.unliked'], 0.1);
    if (what < 0.75) return about(pick(posts), ['rookery.post.shared', 'rookery.post.unshared'], 0.1);
    if (what < 0.97) return about(pick(users), ['rookery.user.followed', 'rookery.user.unfollowed'], 0.15);
    if (what < 0.985) return about(pick(users), ['rookery.user.blocked', 'rookery.user.unblocked'], 0.5);
    return about(pick(users), ['rookery.user.muted', 'rookery.user.unmuted'], 0.3);
  };
  return { next: (count) => Array.from({ length: count }, one), users, posts };
};
