import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { sharedSystem } from '../support/index.ts';

interface Answer {
  readonly suggestedUsers: readonly {
    readonly user: { readonly id: string };
    readonly mutualCount: number;
  }[];
}

it('suggests whom most of those follow whom the viewer follows, and nobody who is hidden, muted, asked or followed', async () => {
  const system = await sharedSystem();
  const names = ['ada', 'ben', 'cyd', 'dan', 'eve', 'fay', 'gus'] as const;
  const people = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => {
        const { id, token } = await system.signUp();
        return [name, { id, client: new Client(system.gatewayUrl, token) }] as const;
      }),
    ),
  );
  let last = '';
  const act = async (by: string, field: string, of: string) => {
    const done = await people[by]?.client.act(field, 'UserInput', { userId: people[of]?.id });
    last = done?.activity.id ?? '';
  };
  const suggested = async (first = 10): Promise<string[]> => {
    const query = 'query ($first: Int) { suggestedUsers(first: $first) { user { id } mutualCount } }';
    const answer = await people.ada?.client.ask<Answer>(query, { first }, { 'x-read-after': last });
    return (answer?.suggestedUsers ?? []).map(({ user, mutualCount }) => {
      const name = names.find((each) => people[each]?.id === user.id);
      return `${name} ${mutualCount}`;
    });
  };
  expect(await suggested()).toEqual([]);
  for (const friend of ['ben', 'cyd']) await act('ada', 'followUser', friend);
  for (const [by, of] of ['ben ada', 'ben cyd', 'ben eve', 'ben dan', 'cyd dan', 'cyd fay', 'dan gus'].map(
    (pair) => pair.split(' '),
  ))
    await act(by ?? '', 'followUser', of ?? '');
  expect(await suggested()).toEqual(['dan 2', 'fay 1', 'eve 1']);
  expect(await suggested(1)).toEqual(['dan 2']);
  await act('ada', 'muteUser', 'fay');
  expect(await suggested()).toEqual(['dan 2', 'eve 1']);
  await act('eve', 'blockUser', 'ada');
  expect(await suggested()).toEqual(['dan 2']);
  const done = await people.dan?.client.act('updateProfile', 'UpdateProfileInput', { protected: true });
  last = done?.activity.id ?? '';
  expect(await suggested()).toEqual(['dan 2']);
  await act('ada', 'followUser', 'dan');
  expect(await suggested()).toEqual([]);
  await act('ada', 'unfollowUser', 'dan');
  await act('ada', 'unmuteUser', 'fay');
  expect(await suggested()).toEqual(['dan 2', 'fay 1']);
  await act('ada', 'unfollowUser', 'cyd');
  // Now Cyd is whom Ben follows, as well.
  expect(await suggested()).toEqual(['dan 1', 'cyd 1']);
});
