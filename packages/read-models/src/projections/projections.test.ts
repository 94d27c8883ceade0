import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Fact,
  history,
  posts,
  record,
  users,
} from '../../../../tests/support/events/recorded-events.ts';
import type { CollectionName, Shapes } from '../index.ts';
import { project, projections } from '../reducers.ts';

const [ann, ben] = users as [string, string];
const [post, other] = posts as [string, string];

const documents = (collection: CollectionName, ...facts: Fact[]) => {
  const projection = projections.find(({ merges }) => merges.some((m) => m.collection === collection));
  if (!projection) throw new Error(`no projection writes ${collection}`);
  return Object.fromEntries(project(projection, record(facts)).get(collection) ?? []);
};

const time = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const published = (at: number, body = 'caw', actor = ann): Fact => ({
  name: 'rookery.post.published',
  actor,
  subject: post,
  id: post,
  at,
  data: { body },
});
const about = (
  name: 'like' | 'unlike' | 'share' | 'unshare' | 'delete',
  actor: string,
  at: number,
): Fact => ({
  name: `rookery.post.${name}d` as const,
  actor,
  subject: post,
  at,
  data: {},
});
const edited = (actor: string, at: number, body: string): Fact => ({
  name: 'rookery.post.edited',
  actor,
  subject: post,
  at,
  data: { body },
});

describe('profiles', () => {
  it('keep the newest value of each field in any order', () => {
    const profile = (at: number, data: { name?: string; bio?: string | null }): Fact => ({
      name: 'rookery.user.profile-updated',
      actor: ann,
      subject: ann,
      at,
      data,
    });
    const signedUp: Fact = {
      name: 'rookery.user.signed-up',
      actor: ann,
      subject: ann,
      id: ann,
      at: 0,
      data: { handle: 'ann', name: 'Ann' },
    };
    expect(
      documents('users', profile(3, { bio: null }), signedUp, profile(2, { name: 'Annie', bio: 'hi' }))[ann],
    ).toMatchObject({
      handle: 'ann',
      joinedAt: time(0),
      joinedPosition: 2,
      name: 'Annie',
      bio: null,
    });
  });

  it('have the newest handle once they have joined, and know those before', () => {
    const signedUp: Fact = {
      ...{ name: 'rookery.user.signed-up', actor: ann, subject: ann, id: ann, at: 9 },
      data: { handle: 'ann', name: 'Ann' },
    };
    const changed = (at: number, handle: string): Fact => ({
      ...{ name: 'rookery.user.handle-changed', actor: ann, subject: ben, at, data: { handle } },
    });
    const [first, second] = [changed(1, 'anna'), changed(2, 'annie')];
    expect(documents('users', first)).toMatchObject({ [ann]: { handle: null } });
    for (const facts of [
      [signedUp, first, second],
      [second, first, signedUp],
      [second, signedUp, first],
    ])
      expect(documents('users', ...facts)[ann]).toMatchObject({
        handle: 'annie',
        handles: [
          { handle: 'annie', version: expect.anything() },
          { handle: 'anna', version: expect.anything() },
          { handle: 'ann', version: ['', ann] },
        ],
      });
    const many = Array.from({ length: 30 }, (_, i) => changed(i, `ann_${i}`));
    for (const facts of [many, many.toReversed()])
      expect(documents('users', signedUp, ...facts)[ann]).toMatchObject({
        handle: 'ann_29',
        handles: Array.from({ length: 20 }, (_, i) => ({
          handle: `ann_${29 - i}`,
          version: expect.anything(),
        })),
      });
  });

  it('have a name from the sign-up that yields to any update, even one with an earlier time', () => {
    const signedUp: Fact = {
      name: 'rookery.user.signed-up',
      actor: ann,
      subject: ann,
      id: ann,
      at: 5_000,
      data: { handle: 'ann', name: 'Ann' },
    };
    const renamed: Fact = {
      name: 'rookery.user.profile-updated',
      actor: ann,
      subject: ann,
      at: 1,
      data: { name: 'Annie' },
    };
    for (const facts of [
      [signedUp, renamed],
      [renamed, signedUp],
    ])
      expect(documents('users', ...facts)[ann]).toMatchObject({ handle: 'ann', name: 'Annie' });
  });

  it('are no user yet before the sign-up, and are changed by nobody else', () => {
    const strangers: Fact = {
      name: 'rookery.user.profile-updated',
      actor: ben,
      subject: ann,
      at: 1,
      data: { name: 'Mallory' },
    };
    expect(documents('users', strangers)).toMatchObject({ [ben]: { handle: null, name: 'Mallory' } });
    expect(documents('users', strangers)).not.toHaveProperty(ann);
  });
});

describe('posts', () => {
  it("show the author's newest edit, whether it came before or after the post, and drop everybody else's", () => {
    expect(
      documents(
        'posts',
        edited(ben, 9, 'mine now'),
        edited(ann, 2, 'second'),
        published(0),
        edited(ann, 1, 'first'),
      )[post],
    ).toMatchObject({
      author: ann,
      createdAt: time(0),
      position: 3,
      body: 'second',
      editedAt: time(2),
      deleted: false,
      revisions: { [ann]: { body: 'second' } },
    });
  });

  it('apply an edit after its post even if its clock is behind', () => {
    expect(documents('posts', published(5), edited(ann, 1, 'later'))[post]).toMatchObject({ body: 'later' });
  });

  it('are deleted only by their author', () => {
    const deleted = (actor: string): Fact => about('delete', actor, 1);
    expect(documents('posts', deleted(ben), published(0))[post]).toMatchObject({
      deleted: false,
      deletions: {},
    });
    expect(documents('posts', deleted(ann), published(0))[post]).toMatchObject({ deleted: true });
    expect(documents('posts', published(0), deleted(ann))[post]).toMatchObject({ deleted: true });
  });

  it('keep their place but no text once deleted, in any order and with any duplicates', () => {
    const facts = [
      { ...published(0, 'secret'), data: { body: 'secret', inReplyTo: other } },
      edited(ann, 1, 'secret too'),
      edited(ann, 9, 'secret again'),
      about('delete', ann, 2),
      about('delete', ben, 3),
    ];
    const order = fc.array(fc.constantFrom(...facts), { minLength: 5, maxLength: 12 });
    fc.assert(
      fc.property(order, (some) => {
        fc.pre(facts.every((fact) => some.includes(fact)));
        const doc = documents('posts', ...some)[post];
        expect(doc).toMatchObject({
          author: ann,
          createdAt: time(0),
          inReplyTo: other,
          deleted: true,
          body: null,
        });
        expect(JSON.stringify(doc)).not.toContain('secret');
      }),
    );
  });

  it('hold no text that their author has deleted, after any history', () => {
    const postsOf = projections.find(({ name }) => name === 'posts');
    if (!postsOf) throw new Error('no projection writes posts');
    fc.assert(
      fc.property(history, (events) => {
        const docs = project(postsOf, events).get('posts') as ReadonlyMap<string, Shapes['posts']>;
        for (const { author, deletions, revisions, body } of docs.values()) {
          if (author !== null && author in deletions)
            expect({ body, revisions }).toEqual({ body: null, revisions: {} });
          for (const actor of Object.keys(deletions)) expect(revisions).not.toHaveProperty(actor);
        }
      }),
    );
  });
});

describe('reactions', () => {
  it('hold what the newest says, at the place of the act that holds', () => {
    const likes = documents(
      'likes',
      about('like', ben, 1),
      about('unlike', ben, 2),
      about('like', ben, 3),
      about('like', ben, 4),
    );
    expect(likes[`${ben}:${post}`]).toMatchObject({
      actor: ben,
      object: post,
      active: true,
      position: 3,
      since: time(3),
    });
    expect(
      documents('likes', about('unlike', ben, 2), about('like', ben, 1))[`${ben}:${post}`],
    ).toMatchObject({
      active: false,
      position: null,
    });
    expect(documents('likes', about('unlike', ben, 2))[`${ben}:${post}`]).toMatchObject({
      active: false,
      position: null,
    });
  });
});

describe('feeds', () => {
  it('hold a post until its author deletes it', () => {
    expect(documents('items', published(0))[post]).toMatchObject({
      actor: ann,
      verb: 'POST',
      post,
      at: time(0),
      position: 1,
      active: true,
    });
    expect(documents('items', about('delete', ann, 1), published(0))[post]).toMatchObject({ active: false });
    expect(documents('items', about('delete', ben, 1), published(0))[post]).toMatchObject({ active: true });
  });

  it('hold a share once for each actor and post, however often it is repeated', () => {
    const items = Object.values(
      documents(
        'items',
        about('share', ben, 1),
        about('share', ben, 2),
        about('share', ann, 3),
        { ...about('share', ben, 4), subject: other },
        about('unshare', ben, 5),
      ),
    );
    expect(items).toHaveLength(3);
    expect(items).toContainEqual(
      expect.objectContaining({ actor: ben, verb: 'SHARE', post, position: null, at: null, active: false }),
    );
    expect(items).toContainEqual(expect.objectContaining({ actor: ben, post: other, active: true }));
  });

  it('hold a share that was taken back and made again as a new one', () => {
    const share = (...facts: Fact[]) => Object.values(documents('items', ...facts));
    const first = [about('share', ben, 1), about('share', ben, 2)];
    expect(share(...first)).toEqual([expect.objectContaining({ position: 1, at: time(1), active: true })]);
    expect(share(...first, about('unshare', ben, 3), about('share', ben, 4), about('share', ben, 5))).toEqual(
      [expect.objectContaining({ position: 4, at: time(4), active: true })],
    );
  });
});

describe('activities', () => {
  it('describe each event', () => {
    expect(Object.values(documents('activities', about('unlike', ben, 7)))).toEqual([
      { actor: ben, verb: 'UNLIKE', subject: post, acceptedAt: time(7), position: 1 },
    ]);
  });
});
