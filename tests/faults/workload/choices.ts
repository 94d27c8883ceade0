import type { Action } from '../../support/model/actions.ts';
import type { Operation } from '../../support/model/reference-model.ts';
import type { Random } from '../random.ts';
import type { KnownPost, Person, SharedWorld } from './world.ts';

/* Decisions of a person about threads, words, lists and settings, and reports to moderators. */

/** Content of an operation besides that of its event. */
export interface More {
  readonly mentions?: readonly string[];
  readonly input?: Operation['input'];
  /** False if the command takes no idempotency key. */
  readonly isKeyed?: boolean;
}

/** Acts of a person, and the people and posts that they see. */
export interface Hand {
  readonly world: SharedWorld;
  readonly person: Person;
  readonly random: Random;
  readonly act: (
    action: Action,
    subject: string | null,
    data?: Operation['data'],
    more?: More,
  ) => Promise<Operation>;
  readonly somePost: (which?: (post: KnownPost) => boolean) => KnownPost | undefined;
  readonly somebody: () => Person | undefined;
}

/** Relative frequency of each. */
export const choiceHabits = {
  hideReply: 3,
  unhideReply: 1,
  revokeQuote: 3,
  setPolicy: 2,
  muteThread: 2,
  unmuteThread: 1,
  muteForAWhile: 1,
  muteWord: 2,
  unmuteWord: 1,
  createList: 1,
  renameList: 1,
  deleteList: 0.3,
  addToList: 3,
  removeFromList: 1,
  readFeed: 2,
  readNotifications: 2,
  chooseFeed: 1,
  chooseNotifications: 1,
  changeHandle: 0.5,
  reportPost: 2,
  reportUser: 1,
} as const;
export type ChoiceHabit = keyof typeof choiceHabits;

/** Returns when a mute ends: most end by themselves in the middle of the run. */
const endOf = (world: SharedWorld, random: Random): string => {
  if (random.chance(0.3)) return '2999-01-01T00:00:00.000Z';
  const end = Date.now() + random.int(500, 5_000);
  world.mutesEnd = Math.max(world.mutesEnd, end);
  return new Date(end).toISOString();
};

const policies = ['EVERYONE', 'EVERYONE', 'FOLLOWERS', 'FOLLOWED', 'MENTIONED', 'NOBODY'] as const;
const quotePolicies = ['EVERYONE', 'EVERYONE', 'FOLLOWERS', 'NOBODY'] as const;
const categories = ['SPAM', 'HARASSMENT', 'HATE'] as const;

/** Policies of a new post: mostly everybody may reply to it and quote it. */
export const somePolicies = (random: Random): Readonly<Record<string, string>> => ({
  ...(random.chance(0.1) ? { replies: random.pick(policies.slice(2)) } : {}),
  ...(random.chance(0.1) ? { quotes: random.pick(quotePolicies.slice(2)) } : {}),
});

/** Returns the position that a cursor names, which clients need not know. */
const positionIn = (cursor: string): number => Number(Buffer.from(cursor, 'base64url').readBigUInt64BE());

type Edges = Readonly<Record<string, { readonly edges: readonly { readonly cursor: string }[] } | undefined>>;

export const choicesOf = ({
  world,
  person,
  random,
  act,
  somePost,
  somebody,
}: Hand): Readonly<Record<ChoiceHabit, () => Promise<Operation | undefined>>> => {
  /** Lists that are known to be there. */
  const lists: string[] = [];
  let words = 0;
  const isReply = (post: KnownPost): boolean => post.inReplyTo !== undefined;
  const authorOfThread = (post: KnownPost): string => {
    const answered = world.postById.get(post.inReplyTo ?? '');
    return answered === undefined ? post.author : authorOfThread(answered);
  };
  const isReplyToViewer = (post: KnownPost): boolean => isReply(post) && authorOfThread(post) === person.id;
  const onPost = async (
    action: Action,
    which: (post: KnownPost) => boolean,
    data: Operation['data'] = {},
    input?: Operation['input'],
  ) => {
    const post = somePost(which);
    return post && act(action, post.id, data, { input });
  };
  const onList = async (action: Action, data: Operation['data'] = {}, input?: Operation['input']) => {
    if (lists.length === 0) return undefined;
    return act(action, random.pick(lists), data, { input });
  };
  const onMember = async (action: 'add to list' | 'remove from list') => {
    const member = somebody();
    return member && onList(action, { member: member.id }, { userId: member.id });
  };
  const word = (): string => `#tag${random.int(0, 4)}`;
  const markRead = async (action: 'read feed' | 'read notifications', field: string, list: string) => {
    const { data } = await world.client.ask<Edges>(
      `{ ${field}(first: 10) { edges { cursor } } }`,
      {},
      { token: person.token },
    );
    const edges = data?.[field]?.edges ?? [];
    if (edges.length === 0) return undefined;
    const { cursor } = random.pick(edges);
    return act(action, null, { list, upTo: positionIn(cursor) }, { input: { cursor } });
  };
  return {
    hideReply: () => onPost('hide reply', isReplyToViewer),
    unhideReply: () => onPost('unhide reply', isReplyToViewer),
    revokeQuote: () =>
      onPost('revoke quote', ({ quoted }) => world.postById.get(quoted ?? '')?.author === person.id),
    setPolicy: () => {
      const [replyPolicy, quotePolicy] = [random.pick(policies), random.pick(quotePolicies)];
      return onPost(
        'set policy',
        (post) => post.author === person.id && !isReply(post),
        { replies: replyPolicy, quotes: quotePolicy },
        { replyPolicy, quotePolicy },
      );
    },
    // By the first post of the thread: of a reply, the documents would have to find it.
    muteThread: () =>
      onPost(
        'mute thread',
        (post) => !isReply(post),
        random.chance(0.5) ? { until: endOf(world, random) } : {},
      ),
    unmuteThread: () => onPost('unmute thread', (post) => !isReply(post)),
    async muteForAWhile() {
      const other = somebody();
      return other && act('mute', other.id, { until: endOf(world, random) });
    },
    muteWord: () =>
      act('mute word', null, {
        word: word(),
        ...(random.chance(0.5) ? { until: endOf(world, random) } : {}),
      }),
    unmuteWord: () => act('unmute word', null, { word: word() }),
    async createList() {
      const operation = await act('create list', null, { name: `List ${++words}` });
      if (operation.activity !== null) lists.push(operation.activity);
      return operation;
    },
    renameList: () => onList('rename list', { name: `List ${++words}` }),
    async deleteList() {
      const operation = await onList('delete list');
      if (operation?.subject) lists.splice(lists.indexOf(operation.subject), 1);
      return operation;
    },
    addToList: () => onMember('add to list'),
    removeFromList: () => onMember('remove from list'),
    readFeed: () => markRead('read feed', 'friendsFeed', 'friends-feed'),
    readNotifications: () => markRead('read notifications', 'notifications', 'notifications'),
    chooseFeed: () =>
      act('choose feed', null, {
        ...{ part: random.pick(['OWN_ITEMS', 'REPLIES_TO_OTHERS']), isShown: random.chance(0.7) },
      }),
    chooseNotifications: () =>
      act('choose notifications', null, {
        kind: random.pick(['LIKE', 'SHARE', 'REPLY', 'MENTION', 'FOLLOW']),
        from: random.pick(['EVERYONE', 'EVERYONE', 'FOLLOWED', 'NOBODY']),
      }),
    async changeHandle() {
      const handle = `${person.handle.slice(0, 20)}_${++words}`;
      const operation = await act('change handle', null, { handle }, { isKeyed: false });
      if (operation.outcome === 'ok') person.called = handle;
      return operation;
    },
    async reportPost() {
      const post = somePost(({ author }) => author !== person.id);
      const category = random.pick(categories);
      return post && act('report post', post.id, { about: 'POST', category }, { input: { category } });
    },
    async reportUser() {
      const other = somebody();
      const category = random.pick(categories);
      return other && act('report user', other.id, { about: 'USER', category }, { input: { category } });
    },
  };
};
