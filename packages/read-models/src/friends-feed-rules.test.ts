import { expect, it } from 'vitest';
import { belongsToViewersFeed, type FriendsFeedFacts } from './friends-feed-rules.ts';
import type { ItemDoc, PostDoc, RelationDoc } from './index.ts';

/*
 * The decision table of what belongs in a friends feed: whose item it is, whom it answers, and what the viewer has decided. The
 * expected answers are from the list of reasons below, which shares nothing with the rules.
 */

const actors = ['viewer', 'followed', 'left', 'stranger'] as const;
const verbs = ['POST', 'SHARE'] as const;
const answers = ['nobody', 'viewer', 'its author', 'followed', 'left', 'stranger', 'unknown'] as const;
const choices = [undefined, true, false] as const;

interface Case {
  readonly actor: (typeof actors)[number];
  readonly verb: (typeof verbs)[number];
  readonly answers: (typeof answers)[number];
  readonly hidesShares: boolean;
  readonly ownItems: (typeof choices)[number];
  readonly repliesToOthers: (typeof choices)[number];
}

const reasonsAgainst = ({ actor, verb, answers: whom, hidesShares, ownItems, repliesToOthers }: Case) => {
  if (actor === 'viewer') return [ownItems === false && 'the viewer leaves out own items'];
  const isToOthers = whom === 'left' || whom === 'stranger' || whom === 'unknown';
  return [
    actor !== 'followed' && 'the viewer does not follow',
    verb === 'SHARE' && hidesShares && 'the viewer leaves out what they share',
    verb === 'POST' && isToOthers && repliesToOthers !== true && `it answers somebody ${whom}`,
  ];
};

const at = '2026-01-01T00:00:00.000Z';
const relation = (active: boolean): RelationDoc => ({
  ...{ actor: 'viewer', object: 'x', active, version: [at, '1'], position: 1, since: at },
});
const follows: Readonly<Record<string, RelationDoc>> = { followed: relation(true), left: relation(false) };
const postBy = (author: string | null, inReplyTo: string | null): PostDoc => ({
  ...{ author, createdAt: at, position: 2, inReplyTo, body: 'caw', version: [at, '2'] },
  ...{ revisions: {}, deletions: {}, deleted: false, editedAt: null },
});
const itemBy = (actor: string, verb: Case['verb']): ItemDoc => ({
  ...{ actor, verb, post: 'p', at, position: 3, active: true, version: null, deletions: {} },
});
const part = (isShown: boolean | undefined) =>
  isShown === undefined ? undefined : ({ isShown, version: [at, '4'] } as const);

const factsOf = (one: Case): FriendsFeedFacts => {
  const { actor, verb, answers: whom, hidesShares, ownItems, repliesToOthers } = one;
  const [own, others] = [part(ownItems), part(repliesToOthers)];
  const answered = whom === 'its author' ? actor : whom;
  return {
    viewer: 'viewer',
    item: itemBy(actor, verb),
    post: postBy(verb === 'POST' ? actor : 'somebody', whom === 'nobody' ? null : 'q'),
    follow: follows[actor],
    settings: {
      parts: { ...(own ? { OWN_ITEMS: own } : {}), ...(others ? { REPLIES_TO_OTHERS: others } : {}) },
      changed: 4,
    },
    hiddenShares: hidesShares ? relation(true) : relation(false),
    answered: whom === 'unknown' ? undefined : postBy(answered, null),
    answeredFollow: follows[answered],
  };
};

it('has an item of somebody followed or of the viewer unless the viewer leaves it out', () => {
  const cases = actors.flatMap((actor) =>
    verbs.flatMap((verb) =>
      answers.flatMap((whom) =>
        [true, false].flatMap((hidesShares) =>
          choices.flatMap((ownItems) =>
            choices.map((repliesToOthers) => ({
              ...{ actor, verb, answers: whom, hidesShares, ownItems, repliesToOthers },
            })),
          ),
        ),
      ),
    ),
  );
  const wrong = cases.flatMap((one) => {
    const against = reasonsAgainst(one).filter((reason) => reason !== false);
    return belongsToViewersFeed(factsOf(one)) === (against.length === 0) ? [] : [{ ...one, against }];
  });
  expect(wrong).toEqual([]);
  expect(cases).toHaveLength(1_008);
  // Somebody who is not signed in has no items of their own.
  expect(belongsToViewersFeed({ ...factsOf(cases[0] as Case), viewer: null })).toBe(false);
});
