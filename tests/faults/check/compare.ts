import { createHash } from 'node:crypto';
import { canonical, type Settled } from '../../support/model/reference-model.ts';
import type { Model } from '../../support/model/social.ts';
import { toggleNames, toggles } from '../../support/model/toggles.ts';
import type { DocumentMap, DocumentSet } from './observe.ts';

/** SHA-256 over every document, in order of collection and id. */
export const digest = (set: DocumentSet): string => {
  const hash = createHash('sha256');
  for (const [name, docs] of [...set].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [id, doc] of [...docs].sort(([a], [b]) => (a < b ? -1 : 1)))
      hash.update(`${name}/${id} ${canonical(doc)}\n`);
  return hash.digest('hex');
};

/** Every document in which two sets differ, by name. */
export const differences = (live: DocumentSet, rebuilt: DocumentSet): string[] =>
  [...new Set([...live.keys(), ...rebuilt.keys()])].flatMap((name) => {
    const [a, b]: [DocumentMap, DocumentMap] = [live.get(name) ?? new Map(), rebuilt.get(name) ?? new Map()];
    return [...new Set([...a.keys(), ...b.keys()])].flatMap((id) => {
      const [one, other] = [canonical(a.get(id)), canonical(b.get(id))];
      return one === other ? [] : [`${name}/${id}: live ${one}, rebuilt ${other}`];
    });
  });

/** Every name whose values differ in the documents and in the model. */
export const different = <T>(
  what: string,
  found: ReadonlyMap<string, T>,
  expected: ReadonlyMap<string, T>,
): string[] =>
  [...new Set([...found.keys(), ...expected.keys()])].flatMap((id) => {
    const [one, other] = [canonical(found.get(id)), canonical(expected.get(id))];
    return one === other ? [] : [`${what} ${id}: documents ${one}, model ${other}`];
  });

export const asMap = (names: Iterable<string>): Map<string, boolean> =>
  new Map([...names].map((name) => [name, true]));
export const docsOf = <T>(set: DocumentSet, name: string): ReadonlyMap<string, T> =>
  (set.get(name) ?? new Map()) as ReadonlyMap<string, T>;

interface Relation {
  readonly actor: string;
  readonly object: string;
  readonly active: boolean;
  readonly pending?: boolean;
}
/** Relations in force, as `actor object`. */
export const active = (set: DocumentSet, name: string): Map<string, boolean> =>
  asMap(
    [...docsOf<Relation>(set, name).values()].flatMap((doc) =>
      doc.active ? [`${doc.actor} ${doc.object}`] : [],
    ),
  );

interface UserShape {
  readonly handle: string | null;
  readonly name: string | null;
  readonly bio: string | null;
  readonly protected?: boolean;
}
interface PostShape {
  readonly author: string | null;
  readonly body: string | null;
  readonly inReplyTo: string | null;
  readonly position: number | null;
  readonly deleted: boolean;
  readonly hidden?: true;
  readonly thread?: string;
  readonly editedAt: string | null;
  readonly first?: string;
  readonly mentions?: readonly string[];
  readonly hashtags?: readonly string[];
}

interface HistoryShape {
  readonly edits: Readonly<Record<string, readonly { readonly body: string }[]>>;
}

/** Returns the texts that the documents have of a post, oldest first. */
const textsOf = ({ author, body, first, editedAt }: PostShape, history: HistoryShape | undefined) => {
  if (author === null || body === null) return [];
  if (editedAt === null) return [body];
  return [first, ...(history?.edits[author] ?? []).map((edit) => edit.body).toReversed()];
};

/** The documents against the model: users, posts, relations, counts, activities. */
export const modelDifferences = (
  set: DocumentSet,
  model: Model,
  { facts, rejected }: Pick<Settled, 'facts' | 'rejected'>,
): string[] => {
  const users = new Map(
    [...docsOf<UserShape>(set, 'users')].flatMap(([id, { handle, name, bio }]) =>
      handle === null ? [] : [[id, { handle, name, bio }] as const],
    ),
  );
  const posts = new Map(
    [...docsOf<PostShape>(set, 'posts')].flatMap(([id, post]) => {
      const { author, body, inReplyTo, position, deleted, editedAt, mentions = [], hashtags = [] } = post;
      const { hidden = false, thread = inReplyTo ?? id } = post;
      const texts = textsOf(post, docsOf<HistoryShape>(set, 'histories').get(id));
      const edited = editedAt !== null;
      return author === null
        ? []
        : [
            [
              id,
              {
                author,
                body,
                inReplyTo,
                thread,
                position,
                deleted,
                hidden,
                edited,
                texts,
                mentions,
                hashtags,
              },
            ] as const,
          ];
    }),
  );
  const counts = [...docsOf<{ n: number }>(set, 'counts')].flatMap(([id, { n }]) => {
    const [kind = '', of = ''] = id.split(':');
    const expected = model.sizes[kind]?.(of);
    return n === expected ? [] : [`counts/${id}: documents ${n}, model ${expected}`];
  });
  const activities = asMap(docsOf(set, 'activities').keys());
  const pending = asMap(
    [...docsOf<Relation>(set, 'follows').values()].flatMap((doc) =>
      doc.pending ? [`${doc.actor} ${doc.object}`] : [],
    ),
  );
  const guarded = asMap(
    [...docsOf<UserShape>(set, 'users')].flatMap(([id, doc]) => (doc.protected ? [id] : [])),
  );
  return [
    ...different('user', users, model.users),
    ...different('protected account', guarded, asMap(model.protectedUsers)),
    ...different('request to follow', pending, asMap(model.requests)),
    ...different<unknown>('post', posts, model.posts),
    ...toggleNames.flatMap((name) =>
      different(name, active(set, toggles[name].collection), asMap(model.relations[name])),
    ),
    ...counts,
    ...different('activity', activities, asMap([...facts.map(({ event }) => event.id), ...rejected])),
  ];
};
