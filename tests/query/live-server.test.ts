import { once } from 'node:events';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type QueryWorld, startQueryWorld } from '../support/systems/query-world.ts';

let world: QueryWorld;
let socket: Client;
beforeAll(async () => {
  world = await startQueryWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  socket = world.socket();
});
afterEach(async () => {
  await socket.dispose();
  // A subscription of this test that is still being closed would be taken for the next test's own.
  await Promise.all([world.open('friendsFeed', 0), world.open('post', 0)]);
});

const postQuery = 'subscription ($id: ID!) { post(id: $id) { id body likeCount replyCount viewerLikes } }';

describe('a live post', () => {
  it('comes each time that its text or counts change, as its viewer sees it, and ends with its deletion', async () => {
    const [author, viewer] = [await world.user(), await world.user()];
    const id = await world.post(author);
    const post = world.live(socket, postQuery, { viewer }, { id });
    const next = post.next();
    await world.open('post', 1);
    // A hint with nothing new behind it brings nothing.
    await world.hint(`post:${id}`);
    await world.relate('likes', viewer, id);
    await world.count('likes', id, 1);
    await world.hint(`post:${id}`);
    const shown = { id, body: 'hello', likeCount: 1, replyCount: 0, viewerLikes: true };
    expect(await next).toEqual({ done: false, value: { data: { post: shown } } });
    await world.change('posts', id, { body: 'edited' });
    await world.hint(`post:${id}`);
    expect(await post.next()).toMatchObject({ value: { data: { post: { body: 'edited' } } } });
    await world.change('posts', id, { deleted: true });
    await world.hint(`post:${id}`);
    expect(await post.next()).toEqual({ done: true, value: undefined });
    await world.open('post', 0);
  });

  it('brings many changes at once as few', async () => {
    const id = await world.post(await world.user());
    const post = world.live<{ post: { likeCount: number } }>(socket, postQuery, {}, { id });
    const counts: number[] = [];
    const reading = (async () => {
      for await (const { data } of post) {
        counts.push(data?.post.likeCount ?? -1);
        if (counts.at(-1) === 50) return;
      }
    })();
    await world.open('post', 1);
    const began = performance.now();
    for (let n = 1; n <= 50; n++) {
      await world.count('likes', id, n);
      await world.hint(`post:${id}`);
    }
    await reading;
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    // One each 100 ms, however long a busy machine takes for the changes.
    expect(counts.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 100);
  });

  it('that is requested again with its checkpoint is delivered at once if it has changed meanwhile, and otherwise not', async () => {
    const id = await world.post(await world.user());
    const asking = (extensions: Readonly<Record<string, unknown>>) =>
      world.live<{ post: { body: string } }>(socket, postQuery, { extensions }, { id });
    const first = asking({ checkpoints: true });
    const { value: start } = await first.next();
    expect(start).toMatchObject({ data: null, extensions: { checkpoint: expect.any(String) } });
    await first.return?.();
    await world.change('posts', id, { body: 'edited meanwhile' });

    const again = asking({ checkpoints: true, checkpoint: start?.extensions?.checkpoint });
    expect((await again.next()).value).toMatchObject({ data: null });
    const { value: caughtUp } = await again.next();
    expect(caughtUp).toMatchObject({ data: { post: { body: 'edited meanwhile' } } });
    await again.return?.();
    await world.open('post', 0);

    const unchanged = asking({ checkpoints: true, checkpoint: caughtUp?.extensions?.checkpoint });
    await unchanged.next();
    const next = unchanged.next();
    await world.open('post', 1);
    await world.hint(`post:${id}`);
    await world.change('posts', id, { body: 'edited again' });
    await world.hint(`post:${id}`);
    expect((await next).value).toMatchObject({ data: { post: { body: 'edited again' } } });

    await world.change('posts', id, { deleted: true });
    const gone = asking({ checkpoint: caughtUp?.extensions?.checkpoint });
    expect(await gone.next()).toEqual({ done: true, value: undefined });
    expect(await unchanged.next()).toEqual({ done: true, value: undefined });
  });

  it('that is not there is NOT_FOUND, deleted or never written alike', async () => {
    const id = await world.post(await world.user());
    await world.change('posts', id, { deleted: true });
    const answers = [];
    for (const absent of [id, '{"$ne":1}']) {
      const result = await world.live(socket, postQuery, {}, { id: absent }).next();
      answers.push(result.value);
    }
    expect(answers[0]).toMatchObject({
      errors: [{ message: 'Post not found.', extensions: { code: 'NOT_FOUND' } }],
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('the socket', () => {
  it('serves several viewers: the token of each subscription decides whose it is', async () => {
    const [author, ada, bob] = [await world.user(), await world.user(), await world.user()];
    await world.relate('follows', ada, author);
    await world.progress();
    const query = 'subscription { friendsFeed { node { id } } }';
    const [adas, bobs] = [
      world.live(socket, query, { viewer: ada }),
      world.live(socket, query, { viewer: bob }),
    ];
    const [toAda, toBob] = [adas.next(), bobs.next()];
    await world.open('friendsFeed', 2);
    const id = await world.post(author);
    // Ada's feed may be held in Redis by now, and is read from there then.
    await world.fanOut(id, [ada]);
    await world.progress();
    await world.hint(`feed:${ada}`, `feed:${bob}`);
    expect(await toAda).toMatchObject({ value: { data: { friendsFeed: { node: { id } } } } });
    await bobs.return?.();
    expect(await toBob).toMatchObject({ done: true });
    await adas.return?.();
  });

  it.each([
    ['no token', { query: 'subscription { friendsFeed { cursor } }' }, 'FORBIDDEN'],
    [
      'a forged token',
      { query: 'subscription { friendsFeed { cursor } }', extensions: { 'x-rookery-gateway': 'a.b' } },
      'FORBIDDEN',
    ],
  ])('refuses a subscription with %s', async (_what, payload, code) => {
    const { value } = await socket
      .iterate(payload)
      .next()
      .catch((errors: unknown) => ({ value: { errors } }));
    expect(value).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  it('refuses what is no subscription, has no viewer, or a bad cursor; the socket stays', async () => {
    const outcome = async (query: string, viewer: string | null = null) => {
      try {
        const { value } = await world.live(socket, query, { viewer }).next();
        return value?.errors?.[0]?.extensions;
      } catch (errors) {
        return (errors as { extensions: unknown }[])[0]?.extensions;
      }
    };
    expect(await outcome('{ me { id } }')).toEqual({ code: 'BAD_REQUEST' });
    expect(await outcome('subscription { friendsFeed { cursor } }')).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await outcome('subscription { friendsFeed(after: "x") { cursor } }', await world.user())).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'after',
    });
  });

  it('closes with 4403 without a token, and speaks at /graphql alone', async () => {
    const address = world.url.replace('http', 'ws');
    const bare = new WebSocket(`${address}/graphql`, 'graphql-transport-ws');
    await once(bare, 'open');
    bare.send(JSON.stringify({ type: 'connection_init', payload: {} }));
    const [code] = await once(bare, 'close');
    expect(code).toBe(4403);
    const elsewhere = new WebSocket(`${address}/health/live`, 'graphql-transport-ws');
    const [error] = await once(elsewhere, 'error');
    expect(String(error)).toContain('404');
  });

  it('is closed with 1001 when the process stops, and nothing on it completed: that would be an end', async () => {
    const stopping = await startQueryWorld();
    const client = stopping.socket();
    const closed = Promise.withResolvers<unknown>();
    client.on('closed', closed.resolve);
    const types: string[] = [];
    client.on('message', ({ type }) => types.push(type));
    const viewer = await stopping.user();
    const feed = stopping.live(client, 'subscription { friendsFeed { cursor } }', { viewer });
    const next = feed.next().catch(() => undefined);
    await stopping.open('friendsFeed', 1);
    await stopping[Symbol.asyncDispose]();
    expect(await closed.promise).toMatchObject({ code: 1001 });
    expect(types).toEqual(['connection_ack']);
    await next;
  });
});
