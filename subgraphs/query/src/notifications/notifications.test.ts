import type { RecordedEvent } from '@rookery/schema/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Fact,
  history,
  posts,
  record,
  users,
} from '../../../../tests/support/events/recorded-events.ts';
import { tellingHistories } from '../../../../tests/support/events/telling-histories.ts';
import { model } from '../../../../tests/support/model/social.ts';
import { notificationsInModel } from '../../../../tests/support/model/views.ts';
import { applied, contextOf, type Documents, readerOf } from '../histories/documents.ts';
import { newGroups } from '../live/notifications.ts';
import { showAll } from '../pipeline.ts';
import { notificationEntries } from './entries.ts';
import { type NotificationList, notificationView } from './view.ts';

const projected = (events: readonly RecordedEvent[], cut = 0): Documents =>
  applied(events.slice(cut), applied(events.slice(0, cut)));

const everything = Number.MAX_SAFE_INTEGER;

/** Returns all groups that pages show. */
const seen = async (documents: Documents, viewer: string, list: NotificationList = 'MAIN') => {
  const context = contextOf(readerOf(documents), viewer);
  const entries = await notificationEntries(context, viewer, everything).page({
    order: 'desc',
    from: undefined,
    limit: 100,
  });
  return (await showAll(notificationView(context.loaders, viewer, list), entries)).flatMap((group) =>
    group ? [group] : [],
  );
};

const [ada = '', ben = '', cyd = '', dan = ''] = users;
const [post = '', other = ''] = posts;
const signUps = users.map(
  (id): Fact => ({
    ...{ name: 'rookery.user.signed-up', actor: id, subject: id, id, at: 0 },
    data: { handle: `u${id.at(-1)}`, name: 'Somebody' },
  }),
);
const publish = (actor: string, id: string, inReplyTo?: string): Fact => ({
  ...{ name: 'rookery.post.published', actor, subject: id, id, at: 1 },
  data: { body: 'caw', ...(inReplyTo === undefined ? {} : { inReplyTo }) },
});
const bare = (name: Fact['name'], actor: string, subject: string, at = 2): Fact => ({
  ...{ name, actor, subject, at },
  data: {},
});

describe('the notifications of a viewer', () => {
  it('are what the model says, for any history, and after a rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(30), async (events, cut) => {
        const facts = model(events);
        for (const documents of [projected(events, cut), projected(events.toReversed())]) {
          for (const viewer of users) {
            for (const list of ['MAIN', 'OTHERS'] as const) {
              const found = await seen(documents, viewer, list);
              expect(
                found.map(
                  ({ kind, id, actors, actorCount }) =>
                    `${kind} ${id.slice(kind.length + 1)}: ${actors.map((actor) => actor.id)} of ${actorCount}`,
                ),
              ).toEqual(notificationsInModel(facts, viewer, list));
            }
          }
        }
      }),
      { numRuns: 100, examples: tellingHistories.map((events) => [events, events.length - 1]) },
    );
  });

  it('show any page of any size, in both directions, without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 4 }), async (events, limit) => {
        const context = contextOf(readerOf(projected(events)), ada);
        const entries = notificationEntries(context, ada, everything);
        for (const order of ['asc', 'desc'] as const) {
          const all = await entries.page({ order, from: undefined, limit: 100 });
          const inPages = [];
          for (let from: number | undefined; ; ) {
            const page = await entries.page({ order, from, limit });
            inPages.push(...page);
            from = page.at(-1)?.position;
            if (page.length < limit) break;
          }
          expect(inPages).toEqual(all);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('tell of a mention once, however often an edit keeps it, and no longer than the text has it', async () => {
    const published = { ...publish(ada, post), data: { body: '@ben', mentions: [ben] } };
    const edit = (at: number, mentions: readonly string[]): Fact => ({
      ...{ name: 'rookery.post.edited', actor: ada, subject: post, at },
      data: { body: 'edited', mentions: [...mentions] },
    });
    const [kept, dropped] = [[ben], []].map((mentions) =>
      projected(record([...signUps, published, edit(2, [ben]), edit(3, mentions)])),
    ) as [Documents, Documents];
    const page = { order: 'desc', from: undefined, limit: 10 } as const;
    const entries = await notificationEntries(contextOf(readerOf(kept), ben), ben, everything).page(page);
    expect(entries.map(({ position }) => position)).toEqual([signUps.length + 1]);
    expect((await seen(kept, ben)).map(({ kind }) => kind)).toEqual(['MENTION']);
    expect(await seen(dropped, ben)).toEqual([]);
  });

  it('come live exactly once, however far the projections have come at each look', async () => {
    const like = fc.tuple(fc.constantFrom(ben, cyd, dan), fc.constantFrom(post, other));
    const actors = (told: readonly string[]) =>
      told.flatMap((group) => {
        const [people = '', object] = group.split(' ');
        return people.split(',').map((actor) => `${actor} ${object}`);
      });
    const published = signUps.length + 2;
    const toldOf = async (likes: readonly (readonly [string, string])[], steps: Iterator<number>) => {
      const events = record([
        ...signUps,
        publish(ada, post),
        publish(ada, other),
        ...likes.map(([actor, object], i) => bare('rookery.post.liked', actor, object, 2 + i)),
      ]);
      // All documents are ahead of what the projections have reached together.
      const context = contextOf(readerOf(projected(events)), ada);
      const told: string[] = [];
      for (let from = 0, upTo = published; from < events.length; ) {
        const { rows, scanned } = await newGroups(context, ada, from, upTo);
        for (const { node } of rows) told.push(`${node.actors.map(({ id }) => id)} ${node.post?.id}`);
        // Nothing waits for later likes of the same post, or a busy post would never be told.
        const isUnique = new Set(likes.map(String)).size === likes.length;
        const reached = isUnique ? likes.slice(0, upTo - published).map((one) => one.join(' ')) : [];
        expect(actors(told)).toEqual(expect.arrayContaining(reached));
        from = scanned;
        upTo = Math.min(events.length, upTo + 1 + steps.next().value);
      }
      return told;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(like, { selector: String, maxLength: 6 }),
        fc.array(like, { maxLength: 6 }),
        fc.infiniteStream(fc.nat(3)),
        async (likes, repeated, steps) => {
          const all = [...new Set(likes.map((one) => one.join(' ')))].toSorted();
          const told = await toldOf(likes, steps);
          expect([...new Set(actors(told))].toSorted()).toEqual(all);
          // A group comes again only if it has grown.
          expect(new Set(told).size).toBe(told.length);
          const known = [...likes, ...repeated.filter((one) => likes.some((like) => `${like}` === `${one}`))];
          expect([...new Set(actors(await toldOf(known, steps)))].toSorted()).toEqual(all);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('wait for an edit of a shared post that not all projections have reached', async () => {
    const edit = { ...bare('rookery.post.edited', ada, post, 3), data: { body: 'cawed' } };
    const events = record([
      ...[...signUps, publish(ada, post), bare('rookery.post.shared', ben, post), edit],
    ]);
    const context = contextOf(readerOf(projected(events)), ben);
    const before = await newGroups(context, ben, 0, events.length - 1);
    expect(before).toMatchObject({ rows: [], isBehind: true, shared: [post] });
    const { rows, isBehind } = await newGroups(context, ben, before.scanned, events.length);
    expect([rows.map(({ node }) => node.kind), isBehind]).toEqual([['EDIT'], false]);
  });

  it('count many likes in full, without those that the viewer is not shown and their own', async () => {
    const likers = Array.from(
      { length: 30 },
      (_, i) => `c0000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    );
    const all = [ada, ben, ...likers, cyd];
    const events = record([
      ...[...users, ...likers].map(
        (id, i): Fact => ({
          ...(signUps[0] as Fact),
          actor: id,
          subject: id,
          id,
          data: { handle: `user${i}`, name: 'Somebody' },
        }),
      ),
      publish(ada, post),
      ...all.map((actor, i) => bare('rookery.post.liked', actor, post, 2 + i)),
    ]);
    const withCount = (documents: Documents): Documents =>
      new Map([...documents, ['counts', new Map([[`likes:${post}`, { n: all.length }]])]]);
    const documents = withCount(projected(events));
    const [group] = await seen(documents, ada);
    expect(group).toMatchObject({ kind: 'LIKE', actorCount: 32 });
    expect(group?.actors.map(({ id }) => id)).toEqual([cyd, likers[29], likers[28]]);
    const kept = documents.get('notifications')?.get(post) as { acts: { LIKE: readonly unknown[] } };
    expect(kept.acts.LIKE).toHaveLength(11);

    const blocked = record([bare('rookery.user.blocked', ada, cyd)], events.length + 1);
    const [hidden] = await seen(withCount(projected([...events, ...blocked])), ada);
    expect(hidden).toMatchObject({ actorCount: 31 });
    expect(hidden?.actors.map(({ id }) => id)).not.toContain(cyd);
  });
});
