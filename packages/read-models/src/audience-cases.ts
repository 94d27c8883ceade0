import type { FollowDoc, PostDoc, UserDoc } from './index.ts';

/* Cases of the decision tables of audiences, and the facts that they are for the rules. */

export const viewers = ['nobody', 'the author', 'somebody mentioned', 'somebody else'] as const;
export const followings = ['never', 'ended', 'holds', 'is asked for', 'is unchecked'] as const;
export const visibilities = ['PUBLIC', 'FOLLOWERS', 'MENTIONED'] as const;
export const accounts = ['open', 'protected'] as const;
export const blockers = ['nobody', 'the viewer', 'the author'] as const;
export const postStates = ['there', 'deleted', 'hidden by a moderator', 'not published'] as const;
export const mutes = ['nobody', 'the author'] as const;
/** Author of the thread, who has hidden the post from it. */
export const hiders = ['nobody', 'somebody', 'the viewer'] as const;
/** Somebody else, who has shared the post. */
export const sharers = ['open', 'protected', 'protected and followed', 'protected and unchecked'] as const;

export interface Case {
  readonly viewer: (typeof viewers)[number];
  /** Follow of the author by the viewer. */
  readonly follow: (typeof followings)[number];
  readonly visibility: (typeof visibilities)[number];
  readonly account: (typeof accounts)[number];
  readonly blocker: (typeof blockers)[number];
  readonly post: (typeof postStates)[number];
  readonly muted: (typeof mutes)[number];
  readonly hider: (typeof hiders)[number];
  readonly sharer: (typeof sharers)[number];
}

export type Reason = false | string;

/** Only somebody who is signed in, and not oneself, follows, blocks and mutes. */
export const hasRelations = ({ viewer }: Case): boolean => viewer !== 'nobody' && viewer !== 'the author';

/** Somebody who is signed in. */
export const isHider = ({ viewer, hider }: Case): boolean => hider === 'the viewer' && viewer !== 'nobody';

export const at = '2026-01-01T00:00:00.000Z';
export const userOf = (isProtected: boolean): UserDoc => ({
  ...{ handle: 'ada', joinedAt: at, joinedPosition: 1, name: 'Ada', nameVersion: [at, '1'] },
  ...{ bio: null, bioVersion: null },
  ...(isProtected ? { protected: true } : {}),
});
export const ids = {
  nobody: null,
  'the author': 'a',
  'somebody mentioned': 'm',
  'somebody else': 'v',
} as const;

const hidingOf = (one: Case) => {
  if (one.hider === 'nobody') return {};
  const hider = isHider(one) ? (ids[one.viewer] ?? '') : 'h';
  const hiding = { hidden: true, version: [at, '6'] as const };
  return { hidden: true as const, hidings: { [hider]: hiding, x: { ...hiding, hidden: false } } };
};

export const postOf = ({ visibility, post, ...one }: Case): PostDoc => ({
  ...hidingOf({ visibility, post, ...one }),
  ...{ author: 'a', createdAt: at, position: 2, inReplyTo: 'p0', body: 'hello', version: [at, '2'] },
  ...{ revisions: {}, deletions: {}, deleted: false, editedAt: null },
  ...(visibility === 'PUBLIC' ? {} : { visibility }),
  // Somebody else has tried to edit the post, which makes nobody an addressee.
  addressees: { a: ['m', 'x'], z: ['v'] },
  ...(post === 'deleted' ? { deleted: true, body: null } : {}),
  ...(post === 'hidden by a moderator' ? { moderated: true } : {}),
  ...(post === 'not published' ? { author: null, createdAt: null, body: null } : {}),
});
export const followOf = (state: Case['follow'], object = 'a'): FollowDoc | undefined => {
  const doc: FollowDoc = {
    ...{ actor: 'v', object, active: state === 'holds' || state === 'is unchecked' },
    ...{ version: [at, '4'], position: 4, since: at },
  };
  if (state === 'never') return undefined;
  if (state === 'is asked for') return { ...doc, pending: true, requested: 4 };
  return state === 'is unchecked' ? { ...doc, unchecked: true } : doc;
};
export const sharerFollows: Readonly<Record<Case['sharer'], Case['follow']>> = {
  ...{ open: 'never', protected: 'is asked for' },
  ...{ 'protected and followed': 'holds', 'protected and unchecked': 'is unchecked' },
};

export const factsOf = (one: Case) => {
  const viewer = ids[one.viewer];
  const relation = hasRelations(one)
    ? {
        blocks: one.blocker === 'the viewer',
        isBlocked: one.blocker === 'the author',
        follow: followOf(one.follow),
      }
    : { blocks: false, isBlocked: false };
  const author = userOf(one.account === 'protected');
  const mute = { ...{ actor: 'v', object: 'a', active: true, version: [at, '5'], position: 5, since: at } };
  return {
    ...{ viewer, post: postOf(one), author, authorRelation: relation, id: 'a', user: author, relation },
    mutes:
      hasRelations(one) && one.muted === 'the author'
        ? [{ ...mute, version: [at, '5'], changed: 5 } as never]
        : [],
    words: [],
    now: Date.parse(at),
  };
};
