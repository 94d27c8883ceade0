import type { Model } from '../../support/model/social.ts';
import { active, asMap, different, docsOf } from './compare.ts';
import type { DocumentSet } from './observe.ts';

/* The documents of what authors, readers and moderators decide, against the model. */

interface Decided {
  readonly author: string | null;
  readonly quotes?: string;
  readonly replyPolicy?: string;
  readonly quotePolicy?: string;
  readonly moderated?: true;
}
interface OwnList {
  readonly actor: string;
  readonly list: string;
  readonly name: string | null;
  readonly active: boolean;
}
interface Member {
  readonly actor: string;
  readonly list: string;
  readonly object: string;
  readonly position: number | null;
  readonly active: boolean;
}
interface Marker {
  readonly user: string;
  readonly list: string;
  readonly upTo: number;
}
interface Reported {
  readonly actor: string;
  readonly object: string;
  readonly about: string;
  readonly category: string;
}

const decisions = (set: DocumentSet) =>
  new Map(
    [...docsOf<Decided>(set, 'posts')].flatMap(([id, { author, quotes, replyPolicy, quotePolicy }]) =>
      author === null
        ? []
        : [
            [
              id,
              { quotes, replies: replyPolicy ?? 'EVERYONE', mayQuote: quotePolicy ?? 'EVERYONE' },
            ] as const,
          ],
    ),
  );
const decisionsInModel = (model: Model) =>
  new Map(
    [...model.posts.keys()].map((id) => [
      id,
      { quotes: model.quoteOf(id), replies: model.replyPolicy(id), mayQuote: model.quotePolicy(id) },
    ]),
  );

const moderated = (set: DocumentSet): Map<string, boolean> =>
  asMap([
    ...[...docsOf<Decided>(set, 'posts')].flatMap(([id, post]) => (post.moderated ? [id] : [])),
    ...[...docsOf<{ suspended?: true }>(set, 'users')].flatMap(([id, user]) => (user.suspended ? [id] : [])),
  ]);

/** Lists of accounts with their members, the newest first, by `owner list`. */
const lists = (set: DocumentSet) => {
  const members = Map.groupBy(
    [...docsOf<Member>(set, 'listMembers').values()].filter((member) => member.active),
    ({ actor, list }) => `${actor} ${list}`,
  );
  const membersOf = (key: string): string[] =>
    (members.get(key) ?? [])
      .toSorted((a, b) => (b.position ?? 0) - (a.position ?? 0))
      .map(({ object }) => object);
  return new Map(
    [...docsOf<OwnList>(set, 'lists').values()].flatMap(({ actor, list, name, active: isThere }) => {
      const key = `${actor} ${list}`;
      return isThere ? [[key, { name, members: membersOf(key) }] as const] : [];
    }),
  );
};
const listsInModel = (model: Model) =>
  new Map(
    [...model.users.keys()].flatMap((owner) =>
      model.lists(owner).map(({ id, name, members }) => [`${owner} ${id}`, { name, members }] as const),
    ),
  );

const markedLists = ['friends-feed', 'notifications'];
const markers = (set: DocumentSet) =>
  new Map(
    [...docsOf<Marker>(set, 'readMarkers').values()].map(({ user, list, upTo }) => [`${user} ${list}`, upTo]),
  );
const markersInModel = (model: Model) =>
  new Map(
    [...model.users.keys()].flatMap((user) =>
      markedLists.flatMap((list) => {
        const upTo = model.readUpTo(user, list);
        return upTo === 0 ? [] : [[`${user} ${list}`, upTo] as const];
      }),
    ),
  );

const reports = (set: DocumentSet) =>
  new Map(
    [...docsOf<Reported>(set, 'reports').values()].map(({ actor, object, about, category }) => [
      `${actor} ${object}`,
      `${about} ${category}`,
    ]),
  );
const reportsInModel = (model: Model) =>
  new Map(
    [...model.users.keys()].flatMap((user) =>
      model
        .reportsBy(user)
        .map(({ object, about, category }) => [`${user} ${object}`, `${about} ${category}`] as const),
    ),
  );

/** Muted words, as `actor word`. */
const mutedWords = (set: DocumentSet): Map<string, boolean> =>
  asMap(
    [...docsOf<{ actor: string; word: string; active: boolean }>(set, 'mutedWords').values()].flatMap(
      ({ actor, word, active: isMuted }) => (isMuted ? [`${actor} ${word}`] : []),
    ),
  );

const openCases = (set: DocumentSet): Map<string, boolean> =>
  asMap([...docsOf<{ open: boolean }>(set, 'cases')].flatMap(([id, { open }]) => (open ? [id] : [])));

export const choiceDifferences = (set: DocumentSet, model: Model): string[] => [
  ...different<unknown>('decisions about post', decisions(set), decisionsInModel(model)),
  ...different('moderated', moderated(set), asMap(model.moderated)),
  ...different<unknown>('list', lists(set), listsInModel(model)),
  ...different('read marker', markers(set), markersInModel(model)),
  ...different('report', reports(set), reportsInModel(model)),
  ...different('open case', openCases(set), asMap(model.openReports().map(({ object }) => object))),
  ...different('muted thread', active(set, 'mutedThreads'), asMap(model.muted.threads)),
  ...different('muted word', mutedWords(set), asMap(model.muted.words)),
];
