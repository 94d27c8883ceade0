import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../support/clients/raw-client.ts';
import { eventuallyPasses } from '../support/eventually-passes.ts';
import type { Account } from '../support/index.ts';
import { startStory } from './story.ts';

/* A changed handle leads to its user and to nobody else, and shows nothing that a block hides (rows 14, 17 and 28). */

const { ask, people, says, does, read, seen } = startStory();

const newHandle = () => `h_${randomBytes(8).toString('hex')}`;
const change = async (by: Account | undefined, handle: string): Promise<Answer> => {
  const query = `mutation ($handle: String!) {
    changeHandle(input: { handle: $handle }) { activity { id verb } user { id handle } } }`;
  const answer = await ask({ query, variables: { handle } }, by?.token);
  const changed = answer.data?.changeHandle as { activity: { id: string } } | undefined;
  if (changed) seen.push(changed.activity.id);
  return answer;
};
/** Returns an account with a new handle. */
const renamed = async (): Promise<{ account: Account; to: string }> => {
  const [account] = await people(1);
  const to = newHandle();
  expect((await change(account, to)).errors).toEqual([]);
  return { account, to };
};
const byHandle = (by: Account | undefined, handle: string) =>
  read(by, 'query ($handle: String!) { user(handle: $handle) { id handle followerCount } }', { handle });

describe('a changed handle', () => {
  it('shows in the answer, and the one before leads nowhere, not even for its owner', async () => {
    const [account] = await people(1);
    const to = newHandle();
    expect((await change(account, to.toUpperCase())).data).toEqual({
      changeHandle: {
        activity: { id: expect.any(String), verb: 'CHANGE_HANDLE' },
        user: { id: account.id, handle: to },
      },
    });
    const [stranger] = await people(1);
    for (const by of [account, stranger, undefined]) {
      const [before, never] = [await byHandle(by, account.handle), await byHandle(by, newHandle())];
      expect(before.text).toBe(never.text);
      expect((await byHandle(by, to)).data).toMatchObject({ user: { id: account.id, handle: to } });
    }
  });

  it('is that of somebody behind a block no more than the one before was', async () => {
    const { account, to } = await renamed();
    const [viewer] = await people(1);
    await does(account, 'blockUser', { userId: viewer.id });
    const never = await byHandle(viewer, newHandle());
    for (const handle of [to, account.handle]) expect((await byHandle(viewer, handle)).text).toBe(never.text);
    const [taken, reserved] = [await change(viewer, to), await change(viewer, account.handle)];
    expect(taken.code).toBe('CONFLICT');
    expect(reserved.text).toBe(taken.text);
  });

  it('does not tell whether a handle is taken, reserved, or looks like one that is', async () => {
    const { account, to } = await renamed();
    const [other] = await people(1);
    const lookAlike = to.replace('h', '\u04bb');
    const answers = [];
    for (const handle of [to, account.handle, lookAlike]) answers.push(await change(other, handle));
    expect(answers.map(({ code }) => code)).toEqual(Array(3).fill('CONFLICT'));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const signUps = [];
    for (const handle of [to, account.handle]) {
      const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }';
      signUps.push(
        await ask({ query, variables: { input: { handle, name: 'x', password: 'long enough' } } }),
      );
    }
    expect(new Set(signUps.map(({ text }) => text)).size).toBe(1);
  });

  it('is logged in with, and the one before answers like a handle that nobody has', async () => {
    const { account, to } = await renamed();
    const logIn = (handle: string) =>
      ask({
        query: 'mutation ($input: LogInInput!) { logIn(input: $input) { user { id handle } } }',
        variables: { input: { handle, password: account.password } },
      });
    expect((await logIn(to)).data).toEqual({ logIn: { user: { id: account.id, handle: to } } });
    expect((await logIn(account.handle)).text).toBe((await logIn(newHandle())).text);
  });

  it('is given to nobody who is not signed in', async () => {
    expect((await change(undefined, newHandle())).code).toBe('UNAUTHENTICATED');
  });

  it('follows a mention by the one before, which a later text with that handle is not', async () => {
    const [writer, account] = await people(2);
    await read(account, '{ me { id } }');
    seen.push(account.id);
    const mentions = async (id: string) =>
      (
        await read(writer, 'query ($id: ID!) { post(id: $id) { mentions { handle user { id handle } } } }', {
          id,
        })
      ).data?.post;
    const [before, to] = [account.handle, newHandle()];
    let first = '';
    await eventuallyPasses(async () => {
      first = await says(writer, `@nobody_at_all and @${before}`);
      expect(await mentions(first)).toEqual({ mentions: [expect.anything()] });
    });
    await change(account, to);
    expect(await mentions(first)).toEqual({
      mentions: [{ handle: before, user: { id: account.id, handle: to } }],
    });
    await read(account, '{ me { handle } }');
    expect(await mentions(await says(writer, `@${before}`))).toEqual({ mentions: [] });
  });
});
