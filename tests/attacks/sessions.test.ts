import { readFileSync } from 'node:fs';
import { runOps } from '@rookery/ops';
import { gatewayHeader } from '@rookery/subgraph-auth';
import { importPKCS8, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ask, openSocket, overHttp, overWebSocket } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem, signerOf } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';

let system: SharedSystem;
let ask: Ask;
beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
});

const me = { query: '{ me { id } }' };
const status = async (token: string) => (await ask(me, token)).status;

/** A socket with a subscription that is silent. */
const live = async (token: string) => {
  const socket = await openSocket(system.gatewayUrl);
  await socket.init(token);
  socket.send({ id: 's', type: 'subscribe', payload: { query: 'subscription { friendsFeed { cursor } }' } });
  return socket;
};

interface Stream {
  /** All that it has said, once it has ended. */
  readonly text: Promise<string>;
  readonly over: () => boolean;
  readonly leave: () => void;
}

const multipart = 'multipart/mixed;subscriptionSpec=1.0, application/json';

/** A stream over HTTP with a subscription that is silent. */
const stream = async (token: string, accept = 'text/event-stream'): Promise<Stream> => {
  const left = new AbortController();
  const response = await fetch(system.graphqlUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: 'subscription { friendsFeed { cursor } }' }),
    signal: left.signal,
  });
  expect(response.status).toBe(200);
  let over = false;
  const text = response.text().finally(() => {
    over = true;
  });
  text.catch(() => {});
  return { text, over: () => over, leave: () => left.abort() };
};

const timed = async <T>(promise: Promise<T>) => {
  const took = startStopwatch();
  return { value: await promise, took: took() };
};

const logIn = async ({ handle, password }: Pick<Account, 'handle' | 'password'>) => {
  const answer = await ask({
    query: 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
    variables: { input: { handle, password } },
  });
  return { ...answer, token: (answer.data as { logIn?: { token: string } } | undefined)?.logIn?.token ?? '' };
};
const logOut = { query: 'mutation { logOut }' };
const changePassword = (currentPassword: string, newPassword: string) => ({
  query:
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { token expiresAt user { id handle } activity { id } } }',
  variables: { input: { currentPassword, newPassword } },
});
const ops = async (...argv: string[]) => {
  const text: string[] = [];
  const write = (line: string) => void text.push(line);
  const code = await runOps(argv, { env: system.env, out: write, err: write, progress: write });
  return { code, text: text.join('\n') };
};

const refused = async (token: string) => {
  const took = startStopwatch();
  await expect.poll(() => status(token), { interval: 50 }).toBe(401);
  expect(took()).toBeLessThan(2_000);
};

/** Ways to end the sessions of an account. */
const endings: readonly (readonly [string, (account: Account) => Promise<unknown>])[] = [
  ['logOut', ({ token }) => ask(logOut, token)],
  ['another password', ({ token, password }) => ask(changePassword(password, 'another secret'), token)],
  ['suspension', ({ handle }) => ops('suspend', handle)],
];

describe('row 19 a session that has ended', () => {
  test.each(endings)(
    'by %s: within 2 s a socket is closed with 4441, and a stream ends with it',
    async (_how, end) => {
      const account = await system.signUp();
      const [socket, events] = [await live(account.token), await stream(account.token)];
      const parts = await stream(account.token, multipart);
      await end(account);
      const [closed, ended, partsEnded] = await Promise.all([
        timed(socket.closed),
        timed(events.text),
        timed(parts.text),
      ]);
      expect(closed).toMatchObject({ value: 4441 });
      expect(partsEnded.value).toMatch(
        /\{"payload":null,"errors":.*"closeCode":4441\b.*\r\n--graphql--\r\n$/,
      );
      expect(partsEnded.took).toBeLessThan(2_000);
      expect(ended.value).toMatch(/"closeCode":4441\b.*\n\nevent: complete/);
      expect(closed.took).toBeLessThan(2_000);
      expect(ended.took).toBeLessThan(2_000);
    },
  );

  test('by logOut: HTTP is refused, others go on', async () => {
    const account = await system.signUp();
    const other = await logIn(account);
    const [socket, elsewhere] = [await live(account.token), await live(other.token)];
    const elsewhereToo = await stream(other.token);
    expect((await ask(logOut, account.token)).data).toEqual({ logOut: true });
    expect(await socket.closed).toBe(4441);
    await refused(account.token);
    expect((await ask(me, account.token)).errors).toEqual([
      { message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(await status(other.token)).toBe(200);
    expect(elsewhere.socket.readyState).toBe(elsewhere.socket.OPEN);
    elsewhere.socket.terminate();
    expect(elsewhereToo.over()).toBe(false);
    elsewhereToo.leave();
  });

  test('begins no socket any more: 4401', async () => {
    const { token } = await system.signUp();
    await ask(logOut, token);
    await refused(token);
    const socket = await openSocket(system.gatewayUrl);
    socket.init(token).catch(() => {});
    expect(await socket.closed).toBe(4401);
  });

  test('gets no event that comes later', async () => {
    const [reader, author] = [await system.signUp(), await system.signUp()];
    await ask(
      {
        query: 'mutation ($input: UserInput!) { followUser(input: $input) { activity { id } } }',
        variables: { input: { userId: author.id } },
      },
      reader.token,
    );
    const socket = await live(reader.token);
    await ask(logOut, reader.token);
    await socket.closed;
    const heard = socket.messages.length;
    await ask(
      {
        query: 'mutation ($input: PublishPostInput!) { publishPost(input: $input) { post { id } } }',
        variables: { input: { body: 'too late' } },
      },
      author.token,
    );
    expect(socket.messages.slice(heard)).toEqual([]);
    expect(JSON.stringify(socket.messages)).not.toContain('"next"');
  });

  test('by another password: all of them, save the one that begins by it', async () => {
    const account = await system.signUp();
    const second = await logIn(account);
    const sockets = [await live(account.token), await live(second.token)];
    const wrong = await ask(changePassword('not this one', 'another secret'), account.token);
    expect(wrong.errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', field: 'currentPassword' } },
    ]);
    const weak = await ask(changePassword(account.password, 'short'), account.token);
    expect(weak.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'newPassword' } }]);

    const { data } = await ask(changePassword(account.password, 'another secret'), account.token);
    const changed = data?.changePassword as { token: string; user: object; activity: null };
    expect(changed).toMatchObject({ user: { id: account.id, handle: account.handle }, activity: null });
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4441, 4441]);
    for (const token of [account.token, second.token]) expect(await status(token)).toBe(401);
    expect(await status(changed.token)).toBe(200);
    expect((await logIn(account)).code).toBe('UNAUTHENTICATED');
    const again = await logIn({ handle: account.handle, password: 'another secret' });
    expect(await status(again.token)).toBe(200);
  });

  test('by suspension: nothing goes any more, nor a log-in, until it is taken back', async () => {
    const account = await system.signUp();
    const socket = await live(account.token);
    expect(await ops('suspend', account.handle)).toEqual({ code: 0, text: `${account.id} is suspended` });
    expect(await socket.closed).toBe(4441);
    expect(await status(account.token)).toBe(401);
    expect((await logIn(account)).code).toBe('FORBIDDEN');
    expect((await logIn({ ...account, password: 'wrong' })).code).toBe('UNAUTHENTICATED');
    expect((await ops('unsuspend', account.id)).code).toBe(0);
    const { token } = await logIn(account);
    await expect.poll(() => status(token)).toBe(200);
    expect(await status(account.token)).toBe(401);
    expect((await ops('suspend', 'nobody_at_all')).code).toBe(1);
    expect((await ops('suspend')).code).toBe(2);
  });

  test('stays ended across restarts of gateway and mutation subgraph, and while the list is unavailable', async () => {
    const account = await system.signUp();
    const good = await logIn(account);
    await ask(logOut, account.token);
    await refused(account.token);
    await system.kill('mutation');
    expect(await status(account.token)).toBe(401);
    expect(await status(good.token)).toBe(200);
    await system.restart('mutation');
    await system.restart('gateway');
    expect(await status(account.token)).toBe(401);
    expect(await status(good.token)).toBe(200);
  });
});

test('row 22 a token that expires while a subscription is open: closed with 4440, and a new one starts again', async () => {
  const account = await system.signUp();
  const [header = '', payload = ''] = account.token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  const key = await importPKCS8(readFileSync(system.tokenKeyFile, 'utf8'), 'EdDSA');
  // Clocks may differ by 5 s, so the first of these counts for some 2 s more; a busy machine may need one that lives longer.
  const open = async (lives: number): Promise<[Awaited<ReturnType<typeof live>>, Stream, Stream, number]> => {
    const ending = await new SignJWT({
      ...JSON.parse(payload),
      exp: Math.floor(Date.now() / 1000) - 5 + lives,
    })
      .setProtectedHeader(JSON.parse(header))
      .sign(key);
    try {
      return [await live(ending), await stream(ending), await stream(ending, multipart), lives];
    } catch (error) {
      if (lives > 30) throw error;
      return open(lives * 2);
    }
  };
  const [socket, events, parts, lives] = await open(3);
  const { value: code, took } = await timed(socket.closed);
  expect(code).toBe(4440);
  expect(took).toBeLessThan(lives * 1_000 + 2_000);
  expect(await events.text).toContain('4440');
  expect(await parts.text).toContain('"closeCode":4440');
  const again = await live((await logIn(account)).token);
  expect(again.socket.readyState).toBe(again.socket.OPEN);
  again.socket.terminate();
});

test('row 18 the list of revocations is for gateways alone', async () => {
  const list = (headers: Record<string, string>) =>
    fetch(`${system.urls.mutation}/.well-known/revocations?after=0`, { headers });
  const signer = await signerOf(system.internalKeyFile);
  expect((await list({})).status).toBe(403);
  expect((await list({ [gatewayHeader]: await signer.token({ audience: 'query' }) })).status).toBe(403);
  expect((await list({ [gatewayHeader]: await signer.token({ audience: 'mutation' }) })).status).toBe(200);
});

describe('without a token', () => {
  const asks = [
    ['HTTP', () => overHttp(system.gatewayUrl)],
    ['WebSocket', () => overWebSocket(system.gatewayUrl)],
  ] as const;

  test.each(asks)('commands and feeds are UNAUTHENTICATED with their path, over %s', async (_name, of) => {
    for (const [query, path] of [
      ['mutation { logOut }', ['logOut']],
      ['mutation { mine: publishPost(input: { body: "x" }) { post { id } } }', ['mine']],
      ['{ myFeed { edges { cursor } } }', ['myFeed']],
      ['{ friendsFeed { edges { cursor } } }', ['friendsFeed']],
    ] as const) {
      const { data, errors } = await of()({ query });
      expect({ data, errors }).toEqual({
        data: { [path[0]]: null },
        errors: [{ message: 'Sign in first.', path, extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  test('a subscription is refused with its path', async () => {
    const { errors } = await overWebSocket(system.gatewayUrl)({
      query: 'subscription { live: friendsFeed { cursor } }',
    });
    expect(errors).toEqual([
      { message: 'Sign in first.', path: ['live'], extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});
