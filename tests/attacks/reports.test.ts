import { newId } from '@rookery/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../support/index.ts';
import { act } from './act.ts';
import { startStory } from './story.ts';

/*
 * Reports show to moderators and to those who have made them, and tell nobody else anything: not the reported, and not who has answered.
 */

let mod: Account;
let ada: Account;
let ben: Account;
let cyd: Account;
const { ask, people, moderator, does, says, read, never } = startStory();

beforeAll(async () => {
  mod = await moderator();
  [ada, ben, cyd] = await people(3);
});

interface Case {
  readonly about: string;
  readonly reports: readonly {
    readonly reporter: { readonly id: string } | null;
    readonly text: string | null;
  }[];
}
const openReports = async (): Promise<Case[]> => {
  const query = `{ openReports(first: 20) { edges { node {
    about kind handle body reports { category text reporter { id } } } } } }`;
  const { data } = await read(mod, query);
  const found = data?.openReports as { edges: { node: Case }[] } | undefined;
  return (found?.edges ?? []).map(({ node }) => node);
};
const openCase = async (about: string) => (await openReports()).find((one) => one.about === about);

const myReports = `{
  myReports { edges { node { about kind category text outcome } } }
  notifications { edges { node { kind actors { id } post { id } } } }
}`;
const report = (by: Account, postId: string, more: object = {}) =>
  does(by, 'reportPost', { postId, category: 'SPAM', ...more }, 'ReportPostInput');

describe('a report', () => {
  it('reaches moderators once for each reporter, and its outcome the reporters alone', async () => {
    const post = await says(ada, 'buy this');
    const seenByAda = (await read(ada, myReports)).text;
    await report(ben, post, { text: 'first' });
    await report(ben, post, { text: 'second', category: 'OTHER' });
    await report(cyd, post);
    expect(await openCase(post)).toEqual({
      ...{ about: post, kind: 'POST', handle: ada.handle, body: 'buy this' },
      reports: [
        { category: 'SPAM', text: null, reporter: { id: cyd.id } },
        { category: 'OTHER', text: 'second', reporter: { id: ben.id } },
      ],
    });
    expect((await read(ada, myReports)).text).toBe(seenByAda);
    const node = { about: post, kind: 'POST', category: 'OTHER', text: 'second' };
    expect((await read(ben, myReports)).data).toMatchObject({
      myReports: { edges: [{ node: { ...node, outcome: null } }] },
      notifications: { edges: [] },
    });

    const answer = { about: post, outcome: 'ACTION_TAKEN', reason: 'secret reason' };
    await does(mod, 'resolveReports', answer, 'ResolveReportsInput');
    expect(await openCase(post)).toBeUndefined();
    const told = await read(ben, myReports);
    expect(told.data).toMatchObject({
      myReports: { edges: [{ node: { ...node, outcome: 'ACTION_TAKEN' } }] },
      notifications: { edges: [{ node: { kind: 'REPORT_RESOLVED', actors: [{ id: ben.id }], post: null } }] },
    });
    for (const secret of [mod.id, 'secret reason', cyd.id]) expect(told.text).not.toContain(secret);
    expect((await read(ada, myReports)).text).toBe(seenByAda);

    await report(ben, post);
    expect((await openCase(post))?.reports).toHaveLength(2);
  });

  it('of a post that the reporter cannot see, or of nothing, is refused alike', async () => {
    const hidden = await says(ada, 'for friends', { visibility: 'FOLLOWERS' });
    const input = (postId: string) => ({ postId, category: 'SPAM' });
    const [a, b] = [
      await act(ask, ben, 'reportPost', 'ReportPostInput', input(hidden)),
      await act(ask, ben, 'reportPost', 'ReportPostInput', input(never)),
    ];
    expect([a.code, a.text]).toEqual(['NOT_FOUND', b.text]);
  });

  it('can be of somebody whom the reporter blocks, but not of oneself', async () => {
    await does(cyd, 'blockUser', { userId: ada.id });
    const input = { userId: ada.id, category: 'HARASSMENT', text: 'x' };
    await does(cyd, 'reportUser', input, 'ReportUserInput');
    expect(await openCase(ada.id)).toMatchObject({ kind: 'USER', handle: ada.handle, body: null });
    await does(cyd, 'unblockUser', { userId: ada.id });
    const self = { userId: ben.id, category: 'SPAM' };
    expect((await act(ask, ben, 'reportUser', 'ReportUserInput', self)).code).toBe('BAD_USER_INPUT');
    const own = { postId: await says(ben, 'mine'), category: 'SPAM' };
    expect((await act(ask, ben, 'reportPost', 'ReportPostInput', own)).code).toBe('BAD_USER_INPUT');
  });

  it.each([
    { category: 'NONE' },
    { category: 'SPAM', text: '' },
    { category: 'SPAM', text: 'x'.repeat(1_001) },
    { category: { $ne: 1 } },
  ])('with %j is refused', async (input) => {
    const userId = ada.id;
    const { code, status = 500 } = await act(ask, ben, 'reportUser', 'ReportUserInput', { userId, ...input });
    expect([code, status < 500]).toEqual([expect.stringMatching(/BAD_USER_INPUT/), true]);
  });

  it('is nothing that others can list or answer', async () => {
    for (const by of [ada, undefined]) {
      const { data } = await read(by, '{ openReports { edges { cursor } } }');
      expect(data?.openReports ?? null).toBeNull();
    }
    const input = { about: newId(), outcome: 'NO_VIOLATION', reason: 'x' };
    expect(
      (await act(ask, ben, 'resolveReports', 'ResolveReportsInput', input)).data?.resolveReports ?? null,
    ).toBeNull();
    expect((await act(ask, mod, 'resolveReports', 'ResolveReportsInput', input)).code).toBe('NOT_FOUND');
    expect((await ask({ query: '{ myReports { edges { cursor } } }' })).code).toBe('UNAUTHENTICATED');
  });
});
