import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/property-runs.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { follows, heldOf, player } from './feed-events-client.ts';
import {
  about,
  block,
  choose,
  edit,
  type FeedEvents,
  follow,
  hideShares,
  mute,
  publish,
  startFeedEvents,
  type Told,
  take,
  unblock,
  unfollow,
  unmute,
} from './feed-events-world.ts';

let stores: FeedEvents;
let world: FeedEvents['world'];
let cast: FeedEvents['cast'];
let readFeed: FeedEvents['readFeed'];
let eventsAfter: FeedEvents['eventsAfter'];
beforeAll(async () => {
  stores = await startFeedEvents();
  ({ world, cast, readFeed, eventsAfter } = stores);
});
afterAll(() => stores?.[Symbol.asyncDispose]());

/** Each event to record, with the delivery that has to follow. */
type Steps = [happened: Parameters<FeedEvents['world']['record']>[0], told: object][];

/** Expects to be told of each step within 2 s, before the next one. Returns everything that was told, and ends the subscription. */
const expectTold = async (events: ReturnType<typeof eventsAfter>, steps: Steps): Promise<Told[]> => {
  const all: Told[] = [];
  for (const [happened, told] of steps) {
    const next = take(events);
    const elapsedMs = startStopwatch();
    await world.record(happened);
    const event = await next;
    expect(event).toMatchObject(told);
    expect(elapsedMs()).toBeLessThan(2_000);
    all.push(event);
  }
  await events.return();
  return all;
};

describe('the changes of a friends feed', () => {
  it.each([{ big: false }, { big: true }])(
    'are told live: new, edited, unshared, deleted, no longer followed; friends with many followers: $big',
    async ({ big }) => {
      const { reader, ada, bob, stranger } = await cast({ big });
      const [post, others] = [publish(ada), publish(stranger)];
      const shared = about('rookery.post.shared', ada, others.id);
      await world.record([post, others, shared]);
      await world.caughtUp();
      const { items, startCursor } = await readFeed(reader);
      expect(items.map((item) => item.post.id)).toEqual([others.id, post.id]);
      const share = items[0]?.id;

      const events = eventsAfter(reader, startCursor);
      const steps: Steps = [
        [[publish(bob)], { kind: 'ADDED' }],
        [[edit(ada, post.id, 'second')], { kind: 'CHANGED', post: { id: post.id, body: 'second' } }],
        [[edit(stranger, others.id, 'theirs')], { kind: 'CHANGED', post: { id: others.id, body: 'theirs' } }],
        [[about('rookery.post.unshared', ada, others.id)], { kind: 'REMOVED', itemId: share as string }],
        [[about('rookery.post.shared', ada, others.id)], { kind: 'ADDED' }],
        [[about('rookery.post.deleted', stranger, others.id)], { kind: 'REMOVED', postId: others.id }],
        [[about('rookery.post.deleted', ada, post.id)], { kind: 'REMOVED', postId: post.id }],
        [[unfollow(reader, bob)], { kind: 'REMOVED', actorId: bob }],
      ];
      await expectTold(events, steps);
    },
  );

  it('tell of a quote that its author takes back and of a hidden reply, also of posts that friends share', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const { stranger: far } = await cast();
    const quoted = publish(stranger);
    const quote = { quoted: quoted.id, quotedAuthor: stranger };
    const answer = { thread: quoted.id, threadAuthor: stranger };
    const [quoting, reply] = [
      publish(ada, 'quoting', undefined, quote),
      publish(ada, 'a reply', quoted.id, answer),
    ];
    const other = publish(far, 'quoting too', undefined, quote);
    await world.record([
      ...[quoted, quoting, reply, other],
      ...[choose(reader, 'REPLIES_TO_OTHERS', true), about('rookery.post.shared', bob, other.id)],
    ]);
    await world.caughtUp();
    const events = eventsAfter(reader, (await readFeed(reader)).startCursor);
    const changed = (post: string) => ({ kind: 'CHANGED', post: { id: post } });
    await expectTold(events, [
      [[about('rookery.post.quote-revoked', stranger, quoting.id)], changed(quoting.id)],
      [[about('rookery.post.reply-hidden', stranger, reply.id)], changed(reply.id)],
      [[about('rookery.post.reply-unhidden', stranger, reply.id)], changed(reply.id)],
      [[about('rookery.post.quote-revoked', stranger, other.id)], changed(other.id)],
    ]);
  });

  it('tell of a quoted post by the post that quotes it, and of none that a block hides', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const { stranger: far } = await cast();
    const [theirs, twice, own, hidden] = [publish(stranger), publish(stranger), publish(ada), publish(far)];
    const quoting = (by: string, quoted: { readonly id: string }, quotedAuthor: string) =>
      publish(by, 'quoting', undefined, { quoted: quoted.id, quotedAuthor });
    const one = quoting(ada, theirs, stranger);
    await world.record([
      // First, since a block that is newer than the page is told.
      ...[block(far, reader), theirs, twice, own, hidden, one],
      ...[quoting(ada, twice, stranger), quoting(bob, twice, stranger)],
      ...[quoting(bob, own, ada), quoting(bob, hidden, far)],
    ]);
    await world.caughtUp();
    const events = eventsAfter(reader, (await readFeed(reader)).startCursor);
    const [changed, reload] = [{ kind: 'CHANGED', post: { id: one.id } }, { kind: 'RELOAD' }];
    await expectTold(events, [
      [[edit(stranger, theirs.id, 'second')], changed],
      [[edit(stranger, twice.id, 'second')], reload],
      [[edit(ada, own.id, 'second')], reload],
      [[edit(far, hidden.id, 'second'), about('rookery.post.deleted', stranger, theirs.id)], changed],
      // Also of one that came in while the stream was open.
      [[publish(bob, 'new', undefined, { quoted: own.id, quotedAuthor: ada })], { kind: 'ADDED' }],
      [[about('rookery.post.deleted', ada, own.id)], reload],
    ]);
  });

  it('tell of a block by what it hides, to both sides, and of nothing else behind it', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const others = publish(stranger);
    await world.record([others, follow(stranger, bob), about('rookery.post.shared', ada, others.id)]);
    await world.caughtUp();
    const events = eventsAfter(reader, (await readFeed(reader)).startCursor);
    const steps: Steps = [
      // Nobody shows Bob's posts to the reader but Bob.
      [[block(bob, reader)], { kind: 'REMOVED', actorId: bob }],
      [[block(stranger, reader)], { kind: 'RELOAD', itemId: null, postId: null, actorId: null }],
      [[edit(stranger, others.id, 'unseen'), publish(ada)], { kind: 'ADDED' }],
      [[about('rookery.post.unshared', ada, others.id), publish(ada)], { kind: 'ADDED' }],
      [
        [block(ada, stranger), block(reader, stranger), unblock(bob, reader), publish(ada)],
        { kind: 'RELOAD' },
      ],
      [[], { kind: 'ADDED' }],
    ];
    await expectTold(events, steps);
  });

  it('tell the one who mutes to read the page again, and then nothing of the muted', async () => {
    const { reader, ada, bob } = await cast();
    const post = publish(bob);
    await world.record([post]);
    await world.caughtUp();
    const events = eventsAfter(reader, (await readFeed(reader)).startCursor);
    const steps: Steps = [
      [[mute(bob, reader), mute(reader, bob)], { kind: 'RELOAD' }],
      [[publish(bob), edit(bob, post.id, 'unheard'), publish(ada)], { kind: 'ADDED' }],
      [[unmute(reader, bob)], { kind: 'RELOAD' }],
      [[edit(bob, post.id, 'heard')], { kind: 'CHANGED', post: { id: post.id, body: 'heard' } }],
    ];
    for (const { item } of await expectTold(events, steps)) if (item) expect(item.actor.id).toBe(ada);
  });

  it('tell of a further share as a change of the item that shows the post, and to read the page again if that is gone', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const others = publish(stranger);
    await world.record([others, about('rookery.post.shared', ada, others.id)]);
    await world.caughtUp();
    const { items, startCursor } = await readFeed(reader);
    const item = { id: items[0]?.id, sharers: [{ id: ada }, { id: bob }] };
    const events = eventsAfter(reader, startCursor);
    const steps: Steps = [
      [[about('rookery.post.shared', bob, others.id)], { kind: 'CHANGED', post: { id: others.id }, item }],
      [[about('rookery.post.unshared', ada, others.id)], { kind: 'RELOAD' }],
      [[about('rookery.post.shared', ada, others.id)], { kind: 'CHANGED', item: { actor: { id: bob } } }],
      [[unfollow(reader, bob)], { kind: 'RELOAD' }],
    ];
    await expectTold(events, steps);
    expect((await readFeed(reader)).items.map(({ actor }) => actor.id)).toEqual([ada]);
  });

  it('tell of what the reader does, and to read the page again if the reader chooses what it has', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const [others, asked] = [publish(stranger), publish(bob)];
    await world.record([others, asked, about('rookery.post.shared', bob, others.id)]);
    await world.caughtUp();
    const events = eventsAfter(reader, (await readFeed(reader)).startCursor);
    const steps: Steps = [
      // Again, because the first may still be found by the look with which the stream begins.
      ...Array.from({ length: 3 }, (): Steps[number] => [
        [publish(reader)],
        { kind: 'ADDED', item: { actor: { id: reader } } },
      ]),
      [[hideShares(bob, reader), hideShares(reader, bob)], { kind: 'RELOAD' }],
      [
        [publish(ada, 'to a stranger', others.id), publish(ada)],
        { kind: 'ADDED', item: { post: { body: 'first' } } },
      ],
      [[choose(reader, 'REPLIES_TO_OTHERS', true)], { kind: 'RELOAD' }],
      [
        [publish(ada, 'to a stranger', others.id)],
        { kind: 'ADDED', item: { post: { body: 'to a stranger' } } },
      ],
      [[choose(reader, 'REPLIES_TO_OTHERS', false)], { kind: 'RELOAD' }],
      [[publish(ada, 'to a friend', asked.id)], { kind: 'ADDED' }],
      [[unfollow(reader, bob)], { kind: 'RELOAD' }],
      [[choose(reader, 'OWN_ITEMS', false)], { kind: 'RELOAD' }],
      [[publish(reader), publish(ada)], { kind: 'ADDED', item: { actor: { id: ada } } }],
    ];
    await expectTold(events, steps);
    const { items } = await readFeed(reader);
    expect(items.map(({ actor, post }) => [actor.id, post.body])).toEqual([
      [ada, 'first'],
      [ada, 'first'],
    ]);
  });

  it('tells what has happened meanwhile to one who comes back, and nothing twice', async () => {
    const { reader, ada, bob, stranger } = await cast();
    const [post, others] = [publish(ada), publish(stranger)];
    await world.record([post, others, about('rookery.post.shared', ada, others.id)]);
    await world.caughtUp();
    const { startCursor } = await readFeed(reader);
    await world.record([
      edit(ada, post.id, 'second'),
      about('rookery.post.deleted', stranger, others.id),
      edit(ada, post.id, 'third'),
      unfollow(reader, bob),
    ]);
    await world.caughtUp();
    const last = publish(ada);
    let cursor = startCursor;
    const told: Told[] = [];
    for (let i = 0; i < 4; i++) {
      if (i === 3) await world.record([last]);
      const events = eventsAfter(reader, cursor);
      const event = await take(events);
      told.push(event);
      cursor = event.cursor;
      await events.return();
    }
    expect(told).toMatchObject([
      { kind: 'REMOVED', postId: others.id },
      { kind: 'CHANGED', post: { id: post.id, body: 'third' } },
      { kind: 'REMOVED', actorId: bob },
      { kind: 'ADDED', item: { id: last.id } },
    ]);
  });

  it('tells that a share has ended, whatever happened to it and its post afterwards', async () => {
    const { reader, ada, stranger } = await cast();
    const others = publish(stranger);
    const share = about('rookery.post.shared', ada, others.id);
    await world.record([others, share]);
    await world.caughtUp();
    const { items, startCursor } = await readFeed(reader);
    const last = publish(ada);
    await world.record([
      about('rookery.post.unshared', ada, others.id),
      about('rookery.post.shared', ada, others.id),
      about('rookery.post.deleted', stranger, others.id),
      last,
    ]);
    await world.caughtUp();
    const events = eventsAfter(reader, startCursor);
    expect(await take(events)).toMatchObject({ kind: 'REMOVED', itemId: items[0]?.id });
    const next = await take(events);
    // A stream that looks between the second share and the deletion tells of the post by itself.
    const isOfPost = next.kind === 'REMOVED' && next.postId === others.id;
    expect(isOfPost ? await take(events) : next).toMatchObject({ kind: 'ADDED', item: { id: last.id } });
    await events.return();
  });

  it('says that the page must be read again if more has happened than is told one by one', async () => {
    const { reader, ada } = await cast();
    const first = publish(ada);
    await world.record([first]);
    await world.caughtUp();
    const { startCursor } = await readFeed(reader);
    for (let i = 0; i < 3; i++) await world.record(Array.from({ length: 70 }, () => publish(ada)));
    await world.caughtUp();
    const events = eventsAfter(reader, startCursor);
    const reload = await take(events);
    expect(reload).toMatchObject({ kind: 'RELOAD', item: null, post: null });
    const next = take(events);
    const last = publish(ada);
    await world.record([last]);
    expect(await next).toMatchObject({ kind: 'ADDED', item: { id: last.id } });
    await events.return();
    const again = eventsAfter(reader, reload.cursor);
    expect(await take(again)).toMatchObject({ kind: 'ADDED', item: { id: last.id } });
    await again.return();
  });

  it('keep a client equal to the page, however often it loses its connection', async () => {
    const step = fc.record({
      kind: fc.constantFrom(
        ...[
          'publish',
          'edit',
          'delete',
          'share',
          'unshare',
          'unfollow',
          'share',
          'block',
          'unblock',
          'mute',
          'unmute',
          'reply',
          'hideShares',
          'showShares',
          'choose',
        ],
      ),
      actor: fc.nat(3),
      post: fc.nat(30),
    });
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 }),
      fc.boolean(),
      async (steps, gulps, big) => {
        const people = await cast({ big });
        const { reader, ada } = people;
        const play = player(people);
        await world.record([...steps.slice(0, 8).map(play), publish(ada)]);
        await world.caughtUp();

        const page = await readFeed(reader);
        let held = heldOf(page);
        let cursor = page.startCursor;
        const cursors: string[] = [];
        const last = publish(ada, 'the end');
        const readSome = async (count: number): Promise<boolean> => {
          for await (const event of eventsAfter(reader, cursor)) {
            cursor = event.cursor;
            cursors.push(cursor);
            held = event.kind === 'RELOAD' ? heldOf(await readFeed(reader)) : follows(held, event);
            if (event.item?.id === last.id) return true;
            if (--count === 0) break;
          }
          return false;
        };
        const reading = (async () => {
          for (let round = 0; !(await readSome(gulps[round % gulps.length] ?? 1)); round++);
        })();
        for (let i = 8; i < steps.length; i += 5) await world.record(steps.slice(i, i + 5).map(play));
        await world.record([last]);
        await reading;
        expect(new Set(cursors).size).toBe(cursors.length);
        expect([...held.values()].toReversed()).toEqual((await readFeed(reader)).items);
      },
    );
    await fc.assert(property, { numRuns: propertyRuns(6), endOnFailure: true });
  });
});
