import { runOps } from '@rookery/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ask, openSocket, overHttp, overWebSocket, sendRaw } from '../support/clients/raw-client.ts';
import { type Account, type SharedSystem, sharedSystem } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';

let system: SharedSystem;
let ask: Ask;
beforeAll(async () => {
  system = await sharedSystem();
  ask = overHttp(system.gatewayUrl);
});

interface Session {
  readonly token: string;
  readonly refreshToken: string;
  readonly refreshExpiresAt: string;
}

const session = 'token expiresAt refreshToken refreshExpiresAt user { id handle }';
const refresh = (refreshToken: string) => ({
  query: `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { ${session} } }`,
  variables: { input: { refreshToken } },
});
const logIn = async ({ handle, password }: Pick<Account, 'handle' | 'password'>): Promise<Session> => {
  const { data } = await ask({
    query: `mutation ($input: LogInInput!) { logIn(input: $input) { ${session} } }`,
    variables: { input: { handle, password } },
  });
  return data?.logIn as Session;
};
const refreshed = async (refreshToken: string): Promise<Session> => {
  const { data, errors } = await ask(refresh(refreshToken));
  expect(errors).toEqual([]);
  return data?.refreshSession as Session;
};
const status = async (token: string) => (await ask({ query: '{ me { id } }' }, token)).status;

const live = async (token: string) => {
  const socket = await openSocket(system.gatewayUrl);
  await socket.init(token);
  socket.send({ id: 's', type: 'subscribe', payload: { query: 'subscription { friendsFeed { cursor } }' } });
  return socket;
};

describe('a refresh token that was stolen', () => {
  test.each(['HTTP', 'WebSocket'])(
    'and is used a second time, over %s: within 2 s all that came of it ends',
    async (transport) => {
      const account = await system.signUp();
      const elsewhere = await logIn(account);
      const first = await logIn(account);
      // The other one has refreshed twice by now, so no retry of a lost answer explains the second use.
      const second = await refreshed(first.refreshToken);
      const third = await refreshed(second.refreshToken);
      const sockets = [await live(first.token), await live(third.token)];
      const others = await live(elsewhere.token);
      const took = startStopwatch();
      const askAgain = transport === 'HTTP' ? ask : overWebSocket(system.gatewayUrl);
      expect(await askAgain(refresh(first.refreshToken))).toMatchObject({
        data: { refreshSession: null },
        errors: [
          { message: 'Sign in first.', path: ['refreshSession'], extensions: { code: 'UNAUTHENTICATED' } },
        ],
      });
      expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4441, 4441]);
      expect(took()).toBeLessThan(2_000);
      for (const { token } of [first, second, third]) expect(await status(token)).toBe(401);
      for (const { refreshToken } of [second, third])
        expect((await ask(refresh(refreshToken))).code).toBe('UNAUTHENTICATED');
      expect(await status(elsewhere.token)).toBe(200);
      expect(others.socket.readyState).toBe(others.socket.OPEN);
      others.socket.terminate();
      await refreshed(elsewhere.refreshToken);
    },
  );

  test('is of no use once its session has ended', async () => {
    const account = await system.signUp();
    const [out, changed, suspended] = [await logIn(account), await logIn(account), await logIn(account)];
    const kept = await refreshed(out.refreshToken);
    await ask({ query: 'mutation { logOut }' }, out.token);
    expect((await ask(refresh(kept.refreshToken))).code).toBe('UNAUTHENTICATED');
    // The access token that came later ends with the one that logged out.
    await expect.poll(() => status(kept.token), { interval: 50 }).toBe(401);

    await refreshed(changed.refreshToken);
    const { data } = await ask(
      {
        query: `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${session} } }`,
        variables: { input: { currentPassword: account.password, newPassword: 'another secret' } },
      },
      suspended.token,
    );
    expect((await ask(refresh(suspended.refreshToken))).code).toBe('UNAUTHENTICATED');
    const begun = await refreshed((data?.changePassword as Session | undefined)?.refreshToken ?? '');
    const silent = () => {};
    await runOps(['suspend', account.handle], {
      env: system.env,
      out: silent,
      err: silent,
      progress: silent,
    });
    expect((await ask(refresh(begun.refreshToken))).code).toBe('UNAUTHENTICATED');
  });
});

describe('the tokens of a session', () => {
  test('is no access token, and an access token is no refresh token', async () => {
    const { token, refreshToken } = await logIn(await system.signUp());
    expect(await status(refreshToken)).toBe(401);
    const socket = await openSocket(system.gatewayUrl);
    socket.init(refreshToken).catch(() => {});
    expect(await socket.closed).toBe(4401);
    expect((await ask(refresh(token))).code).toBe('UNAUTHENTICATED');
    await refreshed(refreshToken);
  });

  test('is not used up by a GET, nor by a request that is refused before it', async () => {
    const { refreshToken } = await logIn(await system.signUp());
    const { query, variables } = refresh(refreshToken);
    const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    const got = await sendRaw(system.gatewayUrl, {
      method: 'GET',
      path: `/graphql?${parameters}`,
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(got.status).toBe(405);
    // An expired access token in the header is refused as a whole: clients send none.
    expect((await ask(refresh(refreshToken), 'expired')).status).toBe(401);
    const first = await refreshed(refreshToken);
    expect((await refreshed(refreshToken)).refreshToken).toBe(first.refreshToken);
  });

  test('survives a restart of the gateway and of the mutation subgraph, and is in no log', async () => {
    const first = await logIn(await system.signUp());
    const second = await refreshed(first.refreshToken);
    await system.restart('mutation');
    await system.restart('gateway');
    const third = await refreshed(second.refreshToken);
    expect((await ask(refresh(first.refreshToken))).code).toBe('UNAUTHENTICATED');
    await expect.poll(() => system.log('mutation')).toContain('a refresh token was used twice');
    const logs = (['gateway', 'mutation'] as const).map((name) => system.log(name)).join();
    for (const { refreshToken } of [first, second, third])
      for (const secret of refreshToken.split('.').slice(1)) expect(logs).not.toContain(secret);
  });
});
