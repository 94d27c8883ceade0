import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action } from '../../support/model/actions.ts';
import type { Operation } from '../../support/model/reference-model.ts';
import {
  ofEachAction,
  type Toggle,
  type ToggleAction,
  toggleNames,
  toggles,
} from '../../support/model/toggles.ts';
import type { Random } from '../random.ts';
import { choiceHabits, choicesOf, type More, somePolicies } from './choices.ts';
import { perform, reuseKey, sendAgain } from './send.ts';
import { clearRefusals } from './watch.ts';
import type { KnownPost, Person, SharedWorld, Visibility } from './world.ts';

/** Relative frequency of each action. */
const habits = {
  publish: 22,
  reply: 8,
  edit: 8,
  delete: 5,
  recreate: 2,
  ...ofEachAction(({ weights }, at) => weights[at]),
  profile: 4,
  approve: 3,
  reject: 1,
  again: 5,
  otherInput: 3,
  otherVerb: 2,
  quote: 5,
  ...choiceHabits,
} as const;
type Habit = keyof typeof habits;
/** Toggles that a post shows to the viewer. */
const shownToggles = Object.entries<Toggle>(toggles).flatMap(([name, { shownBy }]) =>
  shownBy === undefined ? [] : [{ name, shownBy }],
);
/** Each as often as ten times its frequency says. */
const drawn = (Object.keys(habits) as Habit[]).flatMap((habit) =>
  Array<Habit>(Math.round(10 * habits[habit])).fill(habit),
);

/** Posts that people still talk about. */
const recent = 30;

/** Audiences of new posts, by their relative frequency. */
const audiences: readonly (Visibility | 'PUBLIC')[] = [
  ...Array<'PUBLIC'>(8).fill('PUBLIC'),
  'FOLLOWERS',
  'MENTIONED',
];

/** Post that a new one answers, or quotes. */
interface Answered {
  readonly inReplyTo?: string | undefined;
  readonly quoted?: string | undefined;
}

interface Text {
  readonly body: string;
  readonly mentions: readonly string[];
}

/** Last known settings of a person; a missing entry is unknown. */
type Switches = Map<string, boolean>;

/** A person who does one thing after the other, and looks now and then whether it shows. */
export const act = async (
  world: SharedWorld,
  person: Person,
  random: Random,
  every: number,
): Promise<void> => {
  const switches: Switches = new Map();
  const bodies = new Map<string, string>();
  const keyed: Operation[] = [];
  let words = 0;
  /** Returns a text, and whom it mentions. */
  const text = (): Text => {
    const mentioned = random.chance(0.2) ? somebody() : undefined;
    const at = mentioned === undefined ? '' : `@${mentioned.called} `;
    const body = `${person.handle} says ${++words} #Tag${words % 5} ${at}${'lorem '.repeat(random.int(0, 20))}`;
    return { body: body.trim(), mentions: mentioned === undefined ? [] : [mentioned.id] };
  };

  /** Hot people first: most of what happens is about few. */
  const somePost = (which: (post: KnownPost) => boolean = () => true): KnownPost | undefined => {
    const talkedAbout = world.posts.slice(-recent).filter((post) => !post.deleting && which(post));
    return talkedAbout.length === 0 ? undefined : random.pick(talkedAbout);
  };
  const isMine = ({ author }: KnownPost): boolean => author === person.id;
  const somebody = (): Person | undefined => {
    const others = world.people.filter(({ id }) => id !== person.id);
    return others[Math.floor(others.length * random.next() ** 2)];
  };
  const act = async (
    action: Action,
    subject: string | null,
    data: Operation['data'] = {},
    { mentions = [], input, isKeyed = true }: More = {},
  ) => {
    const operation = await perform(world, person, {
      ...{ action, subject, data, input, mentions },
      key: isKeyed && random.chance(0.7) ? randomUUID() : null,
    });
    if (operation.outcome === 'ok' && operation.key !== null) keyed.push(operation);
    return operation;
  };
  const publish = async ({ inReplyTo, quoted }: Answered = {}): Promise<Operation> => {
    const { body, mentions } = text();
    const isFirst = inReplyTo === undefined && quoted === undefined;
    // Replies and quotes are for everybody, so that the author of the other post is notified of each.
    const audience = isFirst ? random.pick(audiences) : 'PUBLIC';
    const visibility = audience === 'PUBLIC' ? undefined : audience;
    const { replies, quotes } = isFirst ? somePolicies(random) : {};
    const common = { body, ...(inReplyTo ? { inReplyTo } : {}), ...(visibility ? { visibility } : {}) };
    const more = {
      ...(replies ? { replies } : {}),
      ...(quotes ? { quotes } : {}),
      ...(quoted ? { quoted } : {}),
    };
    const input = {
      ...common,
      ...(replies ? { replyPolicy: replies } : {}),
      ...(quotes ? { quotePolicy: quotes } : {}),
      ...(quoted ? { quotedPostId: quoted } : {}),
    };
    const operation = await act('publish', null, { ...common, ...more }, { mentions, input });
    if (operation.activity !== null) {
      const id = operation.activity;
      const post = {
        ...{ id, author: person.id, inReplyTo, quoted, visibility },
        ...{ deleting: false, gone: undefined, shown: undefined },
      };
      world.posts.push(post);
      world.postById.set(id, post);
      bodies.set(id, body);
    }
    return operation;
  };
  const remove = async (post: KnownPost): Promise<void> => {
    post.deleting = true;
    const operation = await act('delete', post.id);
    if (operation.activity !== null && (await isProjected(operation.activity))) post.gone = performance.now();
  };
  const isProjected = async (activity: string): Promise<boolean> => {
    const reply = await world.client.ask<{ activity: { status: string } | null }>(
      'query ($id: ID!) { activity(id: $id) { status } }',
      { id: activity },
      { token: person.token, readAfter: activity },
    );
    return reply.data?.activity?.status === 'PROJECTED' && !reply.stale;
  };
  const flip = async (action: Action, subject: string, on: boolean) => {
    const name = `${action.replace('un', '')} ${subject}`;
    const before = switches.get(name);
    switches.delete(name);
    const operation = await act(action, subject);
    if (operation.outcome === 'ok') switches.set(name, on);
    else if (operation.outcome === 'failed' && before !== undefined) switches.set(name, before);
    return operation;
  };

  const onPost = async (action: Action, on: boolean) => {
    const post = somePost();
    return post && flip(action, post.id, on);
  };
  const onPerson = async (action: Action, on: boolean) => {
    const other = somebody();
    if (other && action === 'block')
      for (const pair of [`${person.id} ${other.id}`, `${other.id} ${person.id}`]) world.blocked.add(pair);
    return other && flip(action, other.id, on);
  };
  /** Answers somebody, who may have asked or not. */
  const answer = async (action: 'approve' | 'reject') => {
    const other = somebody();
    return other && act(action, other.id);
  };
  const toggling = Object.fromEntries(
    toggleNames.flatMap((name) => {
      const on = toggles[name].input === 'PostInput' ? onPost : onPerson;
      return [
        [name, () => on(name, true)],
        [`un${name}`, () => on(`un${name}`, false)],
      ];
    }),
  ) as Record<ToggleAction, () => Promise<Operation | undefined>>;

  const live: Readonly<Record<Habit, () => Promise<Operation | undefined>>> = {
    publish: () => publish(),
    reply: async () => publish({ inReplyTo: somePost()?.id }),
    quote: async () => publish({ quoted: somePost()?.id }),
    ...choicesOf({ world, person, random, act, somePost, somebody }),
    async edit() {
      const post = somePost(isMine);
      if (!post) return;
      const { body, mentions } = text();
      bodies.delete(post.id);
      const operation = await act('edit', post.id, { body }, { mentions });
      if (operation.outcome === 'ok') bodies.set(post.id, body);
      return operation;
    },
    async delete() {
      const post = somePost(isMine);
      if (post) await remove(post);
      return undefined;
    },
    async recreate() {
      const post = somePost(isMine);
      if (!post) return;
      await remove(post);
      return publish();
    },
    ...toggling,
    profile() {
      const about = { name: `${person.handle} ${++words}`, bio: text().body };
      // Most are open again soon, so that most follows need no approval.
      const isProtected = random.chance(0.3) ? true : random.chance(0.8) ? false : undefined;
      if (isProtected) world.guarded.add(person.id);
      return act('profile', person.id, {
        ...about,
        ...(isProtected === undefined ? {} : { protected: isProtected }),
      });
    },
    approve: () => answer('approve'),
    reject: () => answer('reject'),
    async again() {
      if (keyed.length > 0) await sendAgain(world, person, random.pick(keyed));
      return undefined;
    },
    async otherInput() {
      const said = keyed.filter(({ action }) => action === 'publish' || action === 'edit');
      if (said.length > 0) await reuse(random.pick(said), { body: 'something else' });
      return undefined;
    },
    async otherVerb() {
      const post = somePost();
      const known = keyed.filter(({ action }) => action !== 'unlike');
      if (!post || known.length === 0) return;
      const other = { action: 'unlike', subject: post.id, data: {} } as const;
      const { outcome } = await reuseKey(world, person, random.pick(known), other);
      if (outcome !== 'failed') switches.delete(`like ${post.id}`);
      return undefined;
    },
  };
  const reuse = async (first: Operation, data: Operation['data']) => {
    const { action, subject } = first;
    const { outcome } = await reuseKey(world, person, first, { action, subject, data });
    if (outcome !== 'failed' && subject !== null) bodies.delete(subject);
  };

  /** P6: what was acknowledged shows, at once, to the one who did it; or the answer says that it may be stale. */
  const look = async ({ action, subject, activity }: Operation): Promise<void> => {
    if (activity === null || !/^(publish|edit|delete|(un)?(like|share|bookmark|pin))$/.test(action)) return;
    const id = subject ?? activity;
    const before = world.postById.get(id)?.deleting ?? true;
    const reply = await world.client.ask<{ post: { body: string; [shownBy: string]: unknown } | null }>(
      `query ($id: ID!) { post(id: $id) { body ${shownToggles.map(({ shownBy }) => shownBy).join(' ')} } }`,
      { id },
      { token: person.token, readAfter: activity },
    );
    if (reply.codes.some((code) => !clearRefusals.has(code)))
      world.watch.broken('clear answers', reply.detail);
    if (reply.codes.length > 0 || reply.stale) return;
    world.watch.checked('P6');
    if (mayBeHidden(id)) return;
    const shown = reply.data?.post;
    const deleting = before || (world.postById.get(id)?.deleting ?? true);
    const tell = (what: string) =>
      world.watch.broken('P6', `${person.handle} after ${activity} (${action} ${id}): ${what}`);
    if (!shown) {
      if (!deleting) tell('the post is not there');
      return;
    }
    compareShown(shown, id, tell);
  };
  /** Nobody knows whether a block or a follow holds at this moment; the invariants check what they hide in the end. */
  const mayBeHidden = (id: string): boolean => {
    const { author = '', visibility } = world.postById.get(id) ?? {};
    if (world.blocked.has(`${person.id} ${author}`) || world.moderated.has(id)) return true;
    return author !== person.id && (visibility !== undefined || world.guarded.has(author));
  };
  const compareShown = (
    shown: { readonly body: string; readonly [shownBy: string]: unknown },
    id: string,
    tell: (what: string) => void,
  ): void => {
    const known = world.postById.get(id);
    if (known) known.shown ??= performance.now();
    for (const { name, shownBy } of shownToggles) {
      const value = shown[shownBy];
      const expected = switches.get(`${name} ${id}`);
      if (expected !== undefined && expected !== value) tell(`${name} is ${value}`);
    }
    const body = bodies.get(id);
    if (body !== undefined && body !== shown.body) tell('another text');
  };

  while (!world.stopping.aborted) {
    // Their pace, by the seed, and no wait for anything.
    await sleep(every * (0.5 + random.next()), undefined, { signal: world.stopping }).catch(() => {});
    if (world.stopping.aborted) break;
    const operation = await live[random.pick(drawn)]();
    if (operation?.outcome === 'ok' && random.chance(0.25)) await look(operation);
  }
};
